"""``winnow validate``: our own files pass, broken ones are told with line and reason; what we write we read back."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.release.samples import CALL, HARD, RESULT, SAID, TOOLS, USER, everything, released, sft, write_all
from winnow.cli.validate import main
from winnow.reading.adapter import Row
from winnow.reading.files import read_units
from winnow.reading.registry import adapter
from winnow.reading.units import Unit
from winnow.reading.window import Caps
from winnow.records.identity import content_hash
from winnow.records.record import Message, Record, Rejected, canonical_json
from winnow.release.formats import FORMATS
from winnow.release.validate import CONSUMERS

READ_BY = {
    "alpaca": ("llama-factory", "axolotl"),
    "kto": ("trl",),
    "kto_llama_factory": ("llama-factory",),
    "messages": ("trl", "axolotl"),
    "openai": ("openai", "trl", "axolotl"),
    "openai_preference": ("openai",),
    "preference": ("trl", "axolotl"),
    "preference_llama_factory": ("llama-factory",),
    "sharegpt": ("llama-factory", "trl"),
}


def validate(path: Path, consumer: str) -> tuple[int, str]:
    found = CliRunner().invoke(main, [str(path), "--for", consumer])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.output


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_all(released(*everything()), folder)
    return folder


@pytest.mark.parametrize(("name", "consumer"), [(name, one) for name, readers in READ_BY.items() for one in readers])
def test_our_own_files_pass(release: Path, name: str, consumer: str) -> None:
    path = release / name / "train.jsonl"
    status, output = validate(path, consumer)
    rows = len(path.read_text(encoding="utf-8").split("\n")) - 1
    assert (status, output) == (0, f"{rows:,} rows, 0 would be dropped or refused\n")


def chat(**turn: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": "Ask"}, {"role": "assistant", "content": "Said", **turn}]}


def said(*roles: str, **fields: object) -> dict[str, object]:
    return {"conversations": [{"from": role, "value": "a"} for role in roles], **fields}


@pytest.mark.parametrize(
    ("consumer", "row", "reason"),
    [
        ("llama-factory", said("human", "human"), 'turn 2 is of "human", not of gpt or function_call: skipped'),
        ("llama-factory", said("human", "gpt", "human"), "3 turns, an even number is needed: skipped"),
        ("llama-factory", said("human", "function_call"), "no JSON with name and arguments"),
        ("llama-factory", said("human", "gpt", tools=[]), ""),
        ("llama-factory", said("human", "gpt", tools=["a"]), "tools is no JSON text"),
        ("llama-factory", said("human", "gpt", tools='[{"name": "a"}]'), "no parameters.properties"),
        ("llama-factory", said("human", "gpt", kto_tag=1), "kto_tag is 1, not true or false: dropped"),
        ("llama-factory", said("human", chosen=[], rejected={}), "chosen is no object"),
        ("llama-factory", said("human", "gpt", chosen={}, rejected={}), "an odd number is needed"),
        ("llama-factory", chat(tool_calls=[{}]), "the call is lost"),
        ("llama-factory", {"instruction": "a", "output": ["b"]}, 'output is ["b"], not text: dropped'),
        ("llama-factory", {"instruction": "a", "output": "b", "history": [["c"]]}, "history is no list"),
        ("llama-factory", {"text": "a"}, "no layout that LLaMA-Factory knows"),
        ("trl", {**chat(), "prompt": "a"}, "the keys messages, prompt are no set"),
        ("trl", {"prompt": "a", "completion": [{"role": "assistant", "content": "b"}]}, "prompt is text"),
        ("trl", {"prompt": [{"role": "system", "content": "a"}]}, 'the prompt ends with "system"'),
        ("trl", {"prompt": "a", "completion": "b", "label": 1}, "label is 1"),
        ("trl", {**chat(), "tools": ""}, "tools is neither"),
        ("trl", said("human", "gpt"), ""),
        ("axolotl", chat(role="bot"), 'message 2 has the role "bot"'),
        ("axolotl", chat(tool_calls=[{"function": {"name": "a", "arguments": "{"}}]), "are no JSON: the run stops"),
        ("axolotl", {"prompt": [], "completion": "b", "label": True}, "Python notation"),
        ("axolotl", {"prompt": "a", "chosen": "", "rejected": "c"}, "chosen is empty"),
        ("axolotl", {"prompt": "a", "chosen": "b", "rejected": "c"}, ""),
        ("openai", {**chat(), "row_id": "a"}, "the key 'row_id' is not allowed"),
        ("openai", chat(weight=0.5), "is 0.5, not 0 or 1"),
        ("openai", chat(weight=0), "no message of the assistant with weight 1"),
        ("openai", chat(reasoning_content="a"), "the key 'reasoning_content', which is not allowed"),
        (
            "openai",
            chat(tool_calls=[{"id": "a", "type": "function", "function": {"name": "a", "arguments": {}}}]),
            "JSON",
        ),
        ("openai", {"messages": [{"role": "user", "content": "Ask"}]}, "no message of the assistant"),
        ("openai", {"input": {"messages": []}}, "input.messages is no list of messages"),
        (
            "openai",
            {
                "input": chat(),
                "preferred_output": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "a"}],
                "non_preferred_output": [{"role": "assistant", "content": "a"}],
            },
            "other roles than assistant and tool",
        ),
    ],
)
def test_rules(consumer: str, row: dict[str, object], reason: str) -> None:
    found = CONSUMERS[consumer].check(row)
    assert reason in found
    assert bool(reason) == bool(found)


def test_lines_and_reasons_are_shown_for_the_first_twenty(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(said("human")) + "\n" for _ in range(25)) + "{oops\n", encoding="utf-8")
    status, output = validate(path, "llama-factory")
    assert status == 1
    first, *lines, more = output.splitlines()
    assert first == "26 rows, 26 would be dropped or refused"
    assert lines[19] == "  line 20: 1 turns, an even number is needed: skipped"
    assert more == "  and 6 more"


def test_what_concerns_the_whole_file(tmp_path: Path) -> None:
    array = tmp_path / "rows.json"
    array.write_text(json.dumps([chat()] * 3), encoding="utf-8")
    assert "file: 3 rows, at least 10 are needed" in validate(array, "openai")[1]
    assert "JSON Lines are needed" in validate(array, "openai")[1]
    one_label = tmp_path / "kto.jsonl"
    one_label.write_text(json.dumps({"prompt": "a", "completion": "b", "label": True}) + "\n", encoding="utf-8")
    assert "every label is true" in validate(one_label, "trl")[1]
    late = tmp_path / "late.jsonl"
    long, rare = chat(content="x" * (6 << 20)), {**chat(), "tools": "[]"}
    late.write_text("".join(json.dumps(row) + "\n" for row in (long, long, rare)), encoding="utf-8")
    assert "line 3: tools is first met as text after the first 10 MB" in validate(late, "trl")[1]
    late.write_text("".join(json.dumps(row) + "\n" for row in (rare, long, long, rare)), encoding="utf-8")
    assert validate(late, "trl")[0] == 0


PLAIN = [
    sft(),
    sft(USER, SAID, Message("user", HARD), Message("assistant", HARD), system="Be kind"),
    sft(Message("user", "续写"), Message("assistant", "春天来了")),
]
WORSE = [Rejected((Message("assistant", "Worse"),))]
PAIRS = [Record(one.messages, ("k",), kind="preference", system=one.system, rejected=WORSE) for one in PLAIN]
LABELLED = [Record(one.messages, ("k",), kind="feedback", system=one.system, label=True) for one in PLAIN]
ROUND_TRIPS = [
    ("alpaca", "alpaca", [*PLAIN, sft(context="Background")]),
    (
        "messages",
        "messages",
        [*PLAIN, sft(USER, Message("assistant", "Said", "because")), sft(USER, CALL, RESULT, SAID)],
    ),
    (
        "openai",
        "messages",
        [*PLAIN, sft(USER, CALL, RESULT, SAID, tools=canonical_json(json.loads(TOOLS)))],
    ),
    ("sharegpt", "sharegpt", PLAIN),
    ("preference", "preference", PAIRS),
    ("preference_llama_factory", "preference", PAIRS),
    ("kto", "kto", LABELLED),
    ("kto_llama_factory", "kto", LABELLED),
]
"""Format, adapter, rows that the format carries whole."""


@pytest.mark.parametrize(("name", "source", "records"), ROUND_TRIPS, ids=[name for name, *_ in ROUND_TRIPS])
def test_a_release_read_again_says_the_same(name: str, source: str, records: list[Record], tmp_path: Path) -> None:
    table = released(*records)
    path = tmp_path / f"train.{FORMATS[name].EXTENSION}"
    assert FORMATS[name].fragment(table, path) == len(records)
    FORMATS[name].join([path], tmp_path / "joined.jsonl")
    units = read_units(tmp_path / "joined.jsonl", "utf-8", Caps(1 << 30, 1 << 20))
    hashes = set()
    read = adapter(source, "test")
    for row in read.read([unit for unit in units if isinstance(unit, Unit)], read.options):
        assert isinstance(row, Row)
        one = row.record
        hashes.add(content_hash(one.system, one.context, one.messages, one.rejected, one.tools))
    assert hashes == set(table["content_hash"].to_pylist())
