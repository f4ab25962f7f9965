"""A temporary clone of this repository with the public sets added as a user would add them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click
from ruamel.yaml import YAML

from winnow.cli.main import main as winnow

REPOSITORY = Path(__file__).resolve().parents[2]


class Source(NamedTuple):
    """A source as a user would add it; ``files`` are files and folders below the data folder."""

    name: str
    files: list[str]
    license: str
    origin: str
    options: tuple[str, ...] = ()  # further arguments of `winnow add`


_CORE = (
    ("alpaca", ["alpaca/alpaca_data.json.gz"], "CC-BY-NC-4.0", "model"),
    ("alpaca_zh", ["alpaca_zh"], "CC-BY-NC-4.0", "model"),
    ("dolly", ["dolly/databricks-dolly-15k.jsonl.gz"], "CC-BY-SA-3.0", "human"),
    ("oasst", ["oasst/en-validation.jsonl.gz"], "Apache-2.0", "human"),
    ("oasst_messages", ["oasst/en_100_message.jsonl.gz"], "Apache-2.0", "human"),
    ("oasst_trees", ["oasst/en_100_tree.jsonl.gz"], "Apache-2.0", "human"),
    ("oasst_zh", ["oasst/oaast_sft_zh.json", "oasst/oaast_rm_zh.json"], "Apache-2.0", "human"),
)
CORE = tuple(Source(*one) for one in _CORE)
"""The sets of the benchmark: some 90,000 raw units."""

_DEMO = "llama_factory"
_SETS = (
    ("alpaca_seeds", ["alpaca/seed_tasks.jsonl"], "Apache-2.0", "human"),
    ("belle_seeds", ["belle/zh_seed_tasks.json"], "ODC-By-1.0", "human"),
    ("flan", ["flan/cot_data"], "Apache-2.0", "human"),
    ("gpteacher", ["gpteacher"], "MIT", "model"),
    ("hh_rlhf", ["hh_rlhf"], "MIT", "human"),
    (
        "lf_alpaca",
        [f"{_DEMO}/{name}.json" for name in ("alpaca_en_demo", "alpaca_zh_demo", "identity")],
        "Apache-2.0",
        "model",
    ),
    ("lf_dpo", [f"{_DEMO}/dpo_en_demo.json", f"{_DEMO}/dpo_zh_demo.json"], "Apache-2.0", "model"),
    ("lf_dpo_v1", [f"{_DEMO}/v1_dpo_demo.jsonl"], "Apache-2.0", "model"),
    ("lf_kto", [f"{_DEMO}/kto_en_demo.json"], "Apache-2.0", "model"),
    ("lf_reasoning", [f"{_DEMO}/reason_tool_use_demo_50.jsonl"], "Apache-2.0", "model"),
    ("lf_sft_v1", [f"{_DEMO}/v1_sft_demo.jsonl"], "Apache-2.0", "model"),
    (
        "lf_tools",
        [f"{_DEMO}/glaive_toolcall_en_demo.json", f"{_DEMO}/glaive_toolcall_zh_demo.json"],
        "Apache-2.0",
        "model",
    ),
    ("natural_instructions", ["natural_instructions"], "Apache-2.0", "human"),
    ("pandalm", ["pandalm/testset-v1.json"], "Apache-2.0", "model"),
    # a table of any kind: texts, and the same with what is personal replaced by its kind
    (
        "presidio",
        ["presidio/synth_dataset_v2.json"],
        "MIT",
        "generated",
        ("--adapter", "table", "--option", "instruction=full_text", "--option", "response=masked"),
    ),
    ("self_instruct", ["self_instruct/user_oriented_instructions.jsonl"], "Apache-2.0", "human"),
    ("sharegpt", ["sharegpt/dummy_conversation.json"], "Apache-2.0", "model"),
)
SETS = (*CORE, *(Source(*one) for one in _SETS))
"""Every public set that an adapter reads; what is left aside and why says ``UNUSED`` in tests/campaigns/real.py."""

BENCHMARKS = {
    "bbh": "bbh",
    "ceval": "ceval_val",
    "gsm8k": "gsm8k/test.jsonl",
    "humaneval": "humaneval/HumanEval.jsonl.gz",
    "ifeval": "ifeval/input_data.jsonl",
    "mmlu": "mmlu_val",
    "mt_bench": "mt_bench/question.jsonl",
    "truthfulqa": "truthfulqa/TruthfulQA.csv",
    "vicuna_bench": "vicuna_bench/question.jsonl",
}
"""Files and folders of test sets; all but one have the name of a preset."""


def clone(folder: Path) -> None:
    """Clone the committed state into ``folder``; the environment is this one."""
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(folder)], check=True)


def environment(**extra: str) -> dict[str, str]:
    """Return the environment in which commands run: this interpreter's folder first on the path."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **extra}


def run(folder: Path, *command: str, **extra: str) -> None:
    """Run a command in the clone; what it prints goes through."""
    subprocess.run(command, cwd=folder, env=environment(**extra), check=True)


def add_real_sources(folder: Path, data: Path, sets: tuple[Source, ...] = SETS) -> None:
    """Take the demo sources out of the clone, add the public ``sets`` and the public benchmarks."""
    if missing := [path for one in sets for path in one.files if not (data / path).exists()]:
        raise click.ClickException(f"{data / missing[0]} is missing; point DATA at the folder of public sets.")
    before = Path.cwd()
    os.chdir(folder)
    try:
        demo = ["demo_alpaca", "demo_dolly", "demo_messages", "demo_oasst"]
        winnow.main(["remove", *demo], standalone_mode=False)
        for one in sets:
            files = [str(data / path) for path in one.files]
            about = ["--license", one.license, "--origin", one.origin, *one.options]
            winnow.main(["add", one.name, *files, *about], standalone_mode=False)
        yaml = YAML()
        params = yaml.load(Path("params.yaml"))
        named = params["overlaps"]["benchmarks"] = {}
        for name, path in BENCHMARKS.items():
            target = Path("data/benchmarks") / f"{name}{''.join(Path(path).suffixes)}"
            source = data / "benchmarks" / path
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, target)
            named[name] = {"path": target.as_posix(), **({"preset": "mt_bench"} if name == "vicuna_bench" else {})}
        params["export"]["name"] = "winnow-real"
        yaml.dump(params, Path("params.yaml"))
    finally:
        os.chdir(before)
