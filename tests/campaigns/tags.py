"""``python -m tests.campaigns.tags DATA``: how often the tags' rules agree with what public sets say of their rows.

The source's own category is switched off: it is the truth that the rules are checked against. Dolly is reported by
half: the rules were developed on one (``tuned``) and are measured on the other (``held out``).
"""

import csv
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa

from tests.campaigns.clone import REPOSITORY
from winnow.facts.subject import Settings
from winnow.facts.subjects.tags import tags
from winnow.facts.tags.sources import stated
from winnow.facts.texts import COLUMNS, texts
from winnow.harness.documents import read_map
from winnow.records.identity import digest
from winnow.records.record import canonical_json
from winnow.records.schema import RECORDS

BATCH = 8_192
MODEL = f"{REPOSITORY}/data/models/{read_map(REPOSITORY / 'params.yaml')['annotate']['tag_model']}.parquet"
_SCHEMA = pa.schema([RECORDS.field(name) for name in COLUMNS])


@dataclass(frozen=True)
class Item:
    """One question with the task type that its set states for it."""

    instruction: str
    truth: str
    response: str = ""
    context: str = ""


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def _truth(about: dict[str, Any]) -> str | None:
    return stated(pa.array([canonical_json(about)]))[0]


def dolly(data: Path, held_out: bool) -> Iterator[Item]:
    """Yield the labelled rows of one half of Dolly, cut by a digest of ``row_id``."""
    for row in _lines(data / "dolly/databricks-dolly-15k.jsonl.gz"):
        context = row["context"] or ""
        row_id = "dolly:" + digest(canonical_json((row["instruction"], context, row["response"])))
        odd = hashlib.blake2b(row_id.encode(), digest_size=1).digest()[0] % 2 == 1
        if odd == held_out and (truth := _truth({"category": row["category"]})):
            yield Item(row["instruction"], truth, row["response"], context)


def bench(data: Path, name: str) -> Iterator[Item]:
    """Yield the first turns of MT-bench or Vicuna bench, Vicuna's with the answers of a model."""
    answers = {}
    if name == "vicuna_bench":
        answers = {row["question_id"]: row["text"] for row in _lines(data / "vicuna/answer_gpt35.jsonl")}
    for row in _lines(data / "benchmarks" / name / "question.jsonl"):
        if truth := _truth({"category": row["category"]}):
            yield Item(row["turns"][0], truth, answers.get(row["question_id"], ""))


def instruction_wild(data: Path) -> Iterator[Item]:
    """Yield the labelled questions of InstructionWild, which have no answers."""
    for row in _lines(data / "instruction_wild/user_1.jsonl"):
        if truth := _truth({"instruction_type": row["instruction_type"]}):
            yield Item(row["instruction"], truth)


def seeds(data: Path, path: str) -> Iterator[Item]:
    """Yield seed tasks with ``classification`` or ``other`` as their truth: all that they state."""
    for row in _lines(data / path):
        first = row["instances"][0]
        truth = "classification" if row["is_classification"] else "other"
        yield Item(row["instruction"], truth, first["output"], first["input"])


def of_one_kind(data: Path) -> dict[str, list[Item]]:
    """Return sets whose rows are all of one task type."""
    roles = json.loads((data / "gpteacher/roleplay-simple-deduped-roleplay-instruct.json").read_text(encoding="utf-8"))
    programs = json.loads((data / "gpteacher/codegen-instruct.json").read_text(encoding="utf-8"))
    return {
        "gsm8k test": [
            Item(row["question"], "reasoning", row["answer"]) for row in _lines(data / "benchmarks/gsm8k/test.jsonl")
        ],
        "humaneval": [
            Item(row["prompt"], "code", row["canonical_solution"])
            for row in _lines(data / "benchmarks/humaneval/HumanEval.jsonl.gz")
        ],
        "truthfulqa": _truthful(data / "benchmarks/truthfulqa/TruthfulQA.csv"),
        "gpteacher code": [
            Item(row["instruction"], "code", row["response"], row.get("input") or "") for row in programs
        ],
        "gpteacher roleplay": [
            Item(row["instruction"], "role_play", row["response"], row.get("input") or "") for row in roles
        ],
    }


def _truthful(path: Path) -> list[Item]:
    with path.open(encoding="utf-8", newline="") as file:
        return [Item(row["Question"], "open_qa", row["Best Answer"]) for row in csv.DictReader(file)]


def tagged(items: Iterable[Item], model: str = MODEL) -> dict[str, list[Any]]:
    """Return the tags that Winnow gives to the items without their source's category; no ``model``: the lexicons'."""
    rows = [_row(number, item) for number, item in enumerate(items)]
    by_name: dict[str, list[Any]] = {}
    for start in range(0, len(rows), BATCH):
        table = pa.Table.from_pylist(rows[start : start + BATCH], schema=_SCHEMA)
        for name, column in tags(texts(table), Settings(1, 0, 0, trust_source=False, tag_model=model)).items():
            by_name.setdefault(name, []).extend(column.to_pylist())
    return by_name


def _row(number: int, item: Item) -> dict[str, Any]:
    turns = [{"role": "user", "content": item.instruction}, {"role": "assistant", "content": item.response}]
    about = {"row_id": f"campaign:{number}", "source": "campaign", "kind": "sft", "metadata": "{}"}
    return {**about, "context": item.context or None, "messages": turns}


def report(name: str, items: list[Item], matrix: bool = False) -> float:
    """Print the rules' accuracy on ``items`` beside that of always saying the commonest type; return the former."""
    truth = np.array([item.truth for item in items], dtype=object)
    rules = tagged(items)
    tasks = np.array(rules["task"], dtype=object)
    if set(truth) <= {"classification", "other"}:
        tasks = np.where(tasks == "classification", tasks, "other")
    right = tasks == truth
    baseline = max(Counter(truth.tolist()).values()) / len(truth)
    click.echo(f"{name:32} rows {len(items):6}  accuracy {right.mean():.3f}  majority {baseline:.3f}")
    if matrix:
        _matrix(truth, tasks)
        _by_confidence(right, np.array(rules["task_confidence"]))
    return float(right.mean())


def _matrix(truth: np.ndarray, tasks: np.ndarray) -> None:
    count = Counter(zip(truth.tolist(), tasks.tolist(), strict=True))
    columns = sorted({*truth.tolist(), *tasks.tolist()})
    click.echo("  " + " " * 16 + "".join(f"{name[:8]:>9}" for name in columns) + "   recall precision")
    for own in sorted(set(truth.tolist())):
        right, stated_so = count[own, own], sum(count[other, own] for other in columns)
        cells = "".join(f"{count[own, other]:9}" for other in columns)
        shares = f"{right / sum(truth == own):9.2f} {right / max(stated_so, 1):9.2f}"
        click.echo(f"  {own:16}{cells}{shares}")


def _by_confidence(right: np.ndarray, confidence: np.ndarray) -> None:
    edges = (0.0, 0.2, 0.4, 0.6, 0.8, 1.01)
    for low, high in pairwise(edges):
        inside = (confidence >= low) & (confidence < high)
        if inside.any():
            click.echo(
                f"  confidence {low:.1f}-{min(high, 1):.1f}: rows {inside.sum():5}  right {right[inside].mean():.3f}"
            )


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(data: Path) -> None:
    """Print the accuracy of the task rules on the sets below DATA; fail where Dolly's held-out half is below .60."""
    held_out = report("dolly, held out", list(dolly(data, True)), matrix=True)
    report("dolly, tuned", list(dolly(data, False)))
    report("mt-bench, first turns", list(bench(data, "mt_bench")), matrix=True)
    report("vicuna bench", list(bench(data, "vicuna_bench")), matrix=True)
    report("instruction-wild, no answers", list(instruction_wild(data)), matrix=True)
    for name, path in (("alpaca seeds", "alpaca/seed_tasks.jsonl"), ("belle seeds, zh", "belle/zh_seed_tasks.json")):
        report(f"{name}: classification?", list(seeds(data, path)))
    for name, items in of_one_kind(data).items():
        report(name, items)
    if held_out < 0.6:
        raise SystemExit("Dolly's held-out half is below .60.")


if __name__ == "__main__":
    main()
