"""``make tagger DATA=…``: train the tagger that Winnow ships, and measure it on questions that it was not trained on.

Sources of the training are public sets whose licence allows it: MMLU's validation questions (MIT) with their subjects,
Dolly (CC BY-SA 3.0), GSM8K's training questions (MIT) with their number of steps, GPTeacher (MIT), OpenAssistant,
seed tasks (Apache-2.0). C-Eval (CC BY-NC-SA) and TruthfulQA measure only.
"""

import csv
import gzip
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from tests.campaigns.clone import SETS, add_real_sources, clone, run
from tests.campaigns.tags import Item

_TAKEN = ("belle_seeds", "alpaca_seeds", "dolly", "natural_instructions", "oasst", "oasst_zh")
LETTERS = "ABCD"


def exam(data: Path, name: str) -> Iterator[tuple[str, str, list[str], str]]:
    """Yield subject, question, options and right letter of the validation questions of MMLU or C-Eval."""
    for path in sorted((data / "benchmarks" / name).rglob("*.csv")):
        subject = re.sub(r"_(?:val|dev)$", "", path.stem)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                question, *options, answer = row[-6:]
                if answer in LETTERS:
                    yield subject, question, options, answer


def forms(question: str, options: list[str], answer: str) -> tuple[Item, Item]:
    """Return an exam question alone with the text of its answer, and with its options and the letter of it."""
    lettered = "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, options, strict=True))
    return (
        Item(question, "", options[LETTERS.index(answer)]),
        Item(f"{question}\n{lettered}", "", answer),
    )


def steps(solution: str) -> int:
    """Return the number of calculations in a solution of GSM8K."""
    return solution.count("<<") or solution.count(" = ")


def made(data: Path, folder: Path) -> None:
    """Write MMLU, GSM8K and GPTeacher as sources with metadata to ``folder``."""
    with (folder / "mmlu.jsonl").open("w", encoding="utf-8") as file:
        for subject, question, options, letter in exam(data, "mmlu_val"):
            for form in forms(question, options, letter):
                row = {"instruction": form.instruction, "input": "", "output": form.response, "subject": subject}
                file.write(json.dumps(row) + "\n")
    with gzip.open(data / "flan/cot_data/gsm8k_train.tsv.gz", "rt", encoding="utf-8") as lines:
        solved = [line.rstrip("\n").split("\t") for line in lines]
    with (folder / "gsm8k.jsonl").open("w", encoding="utf-8") as file:
        for question, answer, solution in solved:
            row = {"instruction": question, "input": "", "output": f"{solution} {answer}"}
            file.write(json.dumps({**row, "steps": str(min(max(steps(solution), 1), 8))}) + "\n")
    with (folder / "gpteacher.jsonl").open("w", encoding="utf-8") as file:
        for name, category in (
            ("codegen-instruct", "coding"),
            ("roleplay-simple-deduped-roleplay-instruct", "roleplay"),
        ):
            for row in json.loads((data / f"gpteacher/{name}.json").read_text(encoding="utf-8")):
                about = {"instruction": row["instruction"], "input": row.get("input") or "", "output": row["response"]}
                file.write(json.dumps({**about, "category": category}) + "\n")


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--keep", type=click.Path(path_type=Path), help="Train in this folder and leave it there.")
def main(data: Path, keep: Path | None) -> None:
    """Train the tagger on the public sets below DATA, in a temporary clone."""
    data = data.resolve()
    with tempfile.TemporaryDirectory(prefix="winnow-tagger-") as temporary:
        folder = (keep or Path(temporary) / "clone").resolve()
        clone(folder)
        add_real_sources(folder, data, tuple(one for one in SETS if one.name in _TAKEN))
        made(data, Path(temporary))
        for name in ("mmlu", "gsm8k", "gpteacher"):
            file = Path(temporary) / f"{name}.jsonl"
            run(folder, "winnow", "add", name, str(file), "--license", "MIT", "--origin", "human")
        run(folder, "dvc", "repro", "--quiet", "clean")
        run(folder, "winnow", "train-tags")


if __name__ == "__main__":
    main()
