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
import numpy as np

from tests.campaigns.clone import SETS, add_real_sources, clone, run
from tests.campaigns.tags import MODEL, Item, tagged
from winnow.cli.funnel import columns

_TAKEN = ("belle_seeds", "alpaca_seeds", "dolly", "oasst", "oasst_zh")
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


TRUTHFUL = {
    "Advertising": ("business.marketing",),
    "Economics": ("business.economics", "business.finance"),
    "Education": ("humanities.education",),
    "Fiction": ("humanities.literature", "daily.entertainment", "humanities.arts"),
    "Finance": ("business.finance", "business.economics"),
    "Health": ("health", "science.medicine", "science.biology"),
    "History": ("humanities.history",),
    "Language": ("humanities.language",),
    "Law": ("law",),
    "Myths and Fairytales": ("humanities.literature", "daily.entertainment", "humanities.history"),
    "Nutrition": ("daily.food", "health", "science.medicine", "science.biology"),
    "Politics": ("humanities.politics", "humanities.history"),
    "Psychology": ("humanities.psychology", "science.medicine", "health"),
    "Religion": ("humanities.philosophy", "humanities.history", "humanities.literature"),
    "Science": ("science.physics", "science.biology", "science.chemistry", "science.astronomy", "science.earth"),
    "Sociology": ("humanities.politics", "humanities.psychology", "daily.relationships", "humanities.education"),
    "Statistics": ("science.mathematics",),
    "Weather": ("science.earth",),
}
"""Domains that are right for a category of TruthfulQA; the others are kinds of error and say no domain."""
LEVELS = {"elementary": 0, "middle": 0, "high": 1, "college": 2, "professional": 2, "advanced": 2}
HARD = {"simple_fact": 0, "analysis": 1, "complex": 2}


def truthful(data: Path) -> list[tuple[Item, tuple[str, ...]]]:
    """Return the questions of TruthfulQA whose category is about something, with the right domains."""
    with (data / "benchmarks/truthfulqa/TruthfulQA.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Category"] in TRUTHFUL]
    return [(Item(row["Question"], "", row["Best Answer"]), TRUTHFUL[row["Category"]]) for row in rows]


def measured(data: Path, cases: Path, model: str) -> list[list[object]]:
    """Return for each set of questions that no model was trained on: rows, share with a right domain, with none."""
    subjects = json.loads(cases.read_text(encoding="utf-8"))["subjects"]["ceval"]
    sets = {"truthfulqa": truthful(data)}
    for at, form in enumerate(("question and answer", "question and options")):
        sets[f"c-eval, {form}"] = [
            (forms(question, options, letter)[at], tuple(subjects[subject]))
            for subject, question, options, letter in exam(data, "ceval_val")
            if subject in subjects
        ]
    lines: list[list[object]] = []
    for name, items in sets.items():
        said = tagged((item for item, _ in items), model)["domain"]
        right = np.mean([own in truth for own, (_, truth) in zip(said, items, strict=True)])
        lines.append([name, len(items), f"{right:.3f}", f"{np.mean([own == 'general' for own in said]):.3f}"])
    return lines


def ranked(data: Path, model: str) -> list[list[object]]:
    """Return Spearman's rank correlation of the difficulty with what sets say of their questions."""
    from scipy.stats import spearmanr

    sets = {}
    for name in ("mmlu_val", "ceval_val"):
        sets[f"{name}, level of the subject"] = [
            (forms(question, options, letter)[0], LEVELS[subject.split("_")[0]])
            for subject, question, options, letter in exam(data, name)
            if subject.split("_")[0] in LEVELS
        ]
    with (data / "benchmarks/gsm8k/test.jsonl").open(encoding="utf-8") as file:
        solved = [json.loads(line) for line in file]
    sets["gsm8k test, steps"] = [(Item(row["question"], "", row["answer"]), steps(row["answer"])) for row in solved]
    sets["gsm8k test, steps, without answers"] = [(Item(row["question"], ""), steps(row["answer"])) for row in solved]
    lines: list[list[object]] = []
    for name, items in sets.items():
        said = [HARD[one] for one in tagged((item for item, _ in items), model)["difficulty"]]
        lines.append([name, len(items), f"{spearmanr(said, [truth for _, truth in items]).statistic:.3f}"])
    return lines


def made(data: Path, folder: Path) -> None:
    """Write MMLU, GSM8K and GPTeacher as sources with metadata to ``folder``."""
    with (folder / "mmlu.jsonl").open("w", encoding="utf-8") as file:
        for subject, question, options, letter in exam(data, "mmlu_val"):
            for form in forms(question, options, letter):
                row = {"instruction": form.instruction, "input": "", "output": form.response, "subject": subject}
                file.write(json.dumps(row) + "\n")
    with gzip.open(data / "flan/cot_data/gsm8k_train.tsv.gz", "rt", encoding="utf-8") as lines:
        solved = [line.rstrip("\n").split("\t") for line in lines][::5]
    with (folder / "gsm8k.jsonl").open("w", encoding="utf-8") as file:
        for question, answer, solution in solved:
            row = {"instruction": question, "input": "", "output": f"{solution} {answer}"}
            file.write(json.dumps({**row, "steps": str(min(max(steps(solution), 1), 8))}) + "\n")
    with (folder / "gpteacher.jsonl").open("w", encoding="utf-8") as file:
        for name, category in (
            ("codegen-instruct", "coding"),
            ("roleplay-simple-deduped-roleplay-instruct", "roleplay"),
        ):
            for row in json.loads((data / f"gpteacher/{name}.json").read_text(encoding="utf-8"))[::4]:
                about = {"instruction": row["instruction"], "input": row.get("input") or "", "output": row["response"]}
                file.write(json.dumps({**about, "category": category}) + "\n")


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--cases", type=click.Path(exists=True, path_type=Path), help="domains.json: right domains by subject.")
@click.option("--train/--measure", default=True, help="Train, or only measure the model that params.yaml names.")
@click.option("--keep", type=click.Path(path_type=Path), help="Train in this folder and leave it there.")
def main(data: Path, cases: Path | None, train: bool, keep: Path | None) -> None:
    """Train the tagger on the public sets below DATA, in a temporary clone."""
    data = data.resolve()
    if not train:
        for title, model in (("the model of params.yaml", MODEL), ("the lexicons alone", "")):
            click.echo(title)
            if cases:
                click.echo(columns(["domain", "rows", "right", "general"], measured(data, cases, model)))
            click.echo(columns(["difficulty", "rows", "rank correlation"], ranked(data, model)))
        return
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
