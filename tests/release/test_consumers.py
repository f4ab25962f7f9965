"""The formats in the hands of their consumers' own code: rows written = rows that the consumer prepares for training.

The consumers are no part of this project's environment; a test skips where its consumer is missing. Run it with a
Python that has one: ``python -m pytest tests/release/test_consumers.py`` in an environment with ``trl`` (which brings
``datasets``), ``llamafactory`` or ``axolotl``, and with pytest, hypothesis and click. It needs no network, no GPU and
no weights: the model is a tiny one and random, the tokenizer reads bytes. ``WINNOW_RELEASE`` names another folder of
released Parquet files to use.
"""

import importlib.util
import os
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.release.samples import everything, released, write_all
from winnow.records.schema import RELEASE
from winnow.release.formats import FORMATS
from winnow.release.formats.llama_factory import dataset_info

pytestmark = pytest.mark.filterwarnings("ignore")
DEMO = Path(os.environ.get("WINNOW_RELEASE") or Path(__file__).resolve().parents[2] / "data" / "export" / "parquet")
CHATML = """{% if tools %}<|im_start|>tools
{{ tools | tojson }}<|im_end|>
{% endif %}{% for message in messages %}<|im_start|>{{ message['role'] }}
{% if message.reasoning_content %}<think>{{ message.reasoning_content }}</think>{% endif %}{{ message['content'] }}\
{% if message.tool_calls %}{% for call in message.tool_calls %}{{ call.function.name }}{{ call.function.arguments }}\
{% endfor %}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


class Files(NamedTuple):
    """A release of one split, and the lines written of each format."""

    folder: Path
    lines: dict[str, int]
    left_out: dict[str, Counter[str]]

    def path(self, name: str) -> str:
        """Return the file of a format."""
        return str(self.folder / name / f"train.{FORMATS[name].EXTENSION}")


def needs(*modules: str) -> None:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed here")


@pytest.fixture(scope="module", params=["every shape", "release"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Files:
    if request.param == "every shape":
        table = released(*everything())
    else:
        found = sorted(DEMO.glob("*.parquet"))
        if not found:
            pytest.skip(f"no release in {DEMO}; run dvc repro")
        table = pa.concat_tables([pq.read_table(file, schema=RELEASE) for file in found])
    folder = tmp_path_factory.mktemp("export")
    counts = write_all(table, folder, batch=1_000 if len(table) > 10_000 else 32)
    lines = {name: written for name, (written, _) in counts.items()}
    info = dataset_info(FORMATS, [(name, "train") for name, written in sorted(lines.items()) if written], folder)
    (folder / "dataset_info.json").write_text(info, encoding="ascii")
    return Files(folder, lines, {name: left for name, (_, left) in counts.items()})


def byte_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = {sign: n for n, sign in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        bos_token="<|bos|>",
        model_max_length=1 << 24,
    )
    fast.add_tokens(["<|im_start|>"], special_tokens=True)
    fast.chat_template = CHATML
    return fast


def tiny_model(tokenizer: Any) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=8,
            intermediate_size=8,
            num_hidden_layers=1,
            num_attention_heads=1,
            num_key_value_heads=1,
        )
    )


def load(path: str, cache: Path) -> Any:
    from datasets import load_dataset

    kind = "parquet" if path.endswith(".parquet") else "json"
    return load_dataset(kind, data_files=path, split="train", cache_dir=str(cache))


@pytest.mark.parametrize("name", FORMATS)
def test_datasets_loads_every_row(files: Files, name: str, tmp_path: Path) -> None:
    needs("datasets")
    if not files.lines[name]:
        pytest.skip(f"this release has no row for {name}")
    assert len(load(files.path(name), tmp_path)) == files.lines[name]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "parquet"])
def test_datasets_loads_files_whose_rare_keys_come_late(name: str, tmp_path: Path) -> None:
    needs("datasets")
    lines, _ = write_all(released(*everything("x" * 400_000, plain=60)), tmp_path)[name]
    path = tmp_path / name / "train.jsonl"
    assert path.stat().st_size > 20 << 20
    assert len(load(str(path), tmp_path)) == lines


@pytest.mark.parametrize(
    ("name", "trainer"),
    [("messages", "SFT"), ("sharegpt", "SFT"), ("openai", "SFT"), ("preference", "DPO"), ("kto", "KTO")],
)
def test_trl_prepares_every_row(files: Files, name: str, trainer: str, tmp_path: Path) -> None:
    needs("trl")
    import trl

    if files.lines[name] < 2:
        pytest.skip(f"this release has no rows for {name}")
    tokenizer = byte_tokenizer()
    options: dict[str, Any] = {
        "max_length": None,
        "output_dir": str(tmp_path),
        "report_to": "none",
        "use_cpu": True,
        "bf16": False,
    }
    if trainer == "KTO":
        options["per_device_train_batch_size"] = 2
    reference = {} if trainer == "SFT" else {"ref_model": tiny_model(tokenizer)}
    made = getattr(trl, f"{trainer}Trainer")(
        model=tiny_model(tokenizer),
        args=getattr(trl, f"{trainer}Config")(**options),
        train_dataset=load(files.path(name), tmp_path / "cache"),
        processing_class=tokenizer,
        **reference,
    )
    assert len(made.train_dataset) == files.lines[name]


@pytest.mark.parametrize(
    ("name", "stage"),
    [("alpaca", "sft"), ("sharegpt", "sft"), ("preference_llama_factory", "rm"), ("kto_llama_factory", "kto")],
)
@pytest.mark.parametrize("template", ["default", "qwen", "llama3"])
def test_llama_factory_prepares_every_row(
    files: Files, name: str, stage: str, template: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    needs("llamafactory")
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import DataArguments, ModelArguments
    from transformers import Seq2SeqTrainingArguments

    if not files.lines[name]:
        pytest.skip(f"this release has no row for {name}")
    tokenizer = byte_tokenizer()
    data = DataArguments(
        template=template, dataset=f"{name}_train", dataset_dir=str(files.folder), cutoff_len=1 << 24, media_dir=None
    )
    model = ModelArguments(model_name_or_path="none", cache_dir=str(tmp_path))
    training = Seq2SeqTrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to="none")
    fixed = get_template_and_fix_tokenizer(tokenizer, data)
    found = get_dataset(fixed, model, data, training, stage, tokenizer)["train_dataset"]
    assert len(found) == files.lines[name]
    if stage == "kto" and len(found) > 1:
        assert set(found["kto_tags"]) == {True, False}


def test_axolotl_prepares_every_row(files: Files, tmp_path: Path) -> None:
    needs("axolotl")
    from axolotl.prompt_strategies.chat_template import load as chat_template
    from axolotl.utils.dict import DictDefault

    tokenizer = byte_tokenizer()
    cfg = DictDefault({"sequence_len": 1 << 24, "train_on_inputs": False, "chat_template": "tokenizer_default"})
    for name, field in (("messages", "messages"), ("openai", "messages"), ("sharegpt", "conversations")):
        mapping = {"role": "from", "content": "value"} if name == "sharegpt" else {}
        ds_cfg = {"field_messages": field, "message_property_mappings": mapping}
        rows = [row for row in load(files.path(name), tmp_path) if name != "sharegpt" or not row.get("tools")]
        strategy = chat_template(tokenizer, cfg, ds_cfg)
        prepared = [strategy.tokenize_prompt(row) for row in rows]
        with_tools = name == "sharegpt" and Path(files.path(name)).read_text(encoding="utf-8").count('"tools":')
        assert len(prepared) == files.lines[name] - with_tools
        says = "value" if name == "sharegpt" else "content"
        for row, one in zip(rows, prepared, strict=True):
            trained = sum(label != -100 for label in one["labels"])
            assert trained > 1 or not row[field][-1][says], name


def test_axolotl_prepares_every_pair(files: Files, tmp_path: Path) -> None:
    needs("axolotl")
    from axolotl.prompt_strategies.dpo.chat_template import default
    from axolotl.utils.dict import DictDefault

    cfg = DictDefault(
        {
            "chat_template": "tokenizer_default",
            "datasets": [{"type": "chat_template.default", "field_messages": "prompt"}],
        }
    )
    transform, options = default(cfg)
    dataset = load(files.path("preference"), tmp_path)
    prepared = dataset.map(transform, fn_kwargs={"tokenizer": byte_tokenizer()}, **options)
    assert len(prepared) == files.lines["preference"]
    for before, after in zip(dataset, prepared, strict=True):
        assert after["prompt"].endswith("<|im_start|>assistant\n")
        for side in ("chosen", "rejected"):
            assert after[side].startswith(before[side][0]["content"])
