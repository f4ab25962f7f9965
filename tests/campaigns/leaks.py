"""``make leaks DATA=…``: items of real test sets planted into rows in many forms; prints the share found of each."""

import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pyarrow as pa
from opencc import OpenCC

from tests.campaigns.clone import BENCHMARKS, REPOSITORY
from winnow.cli.funnel import columns
from winnow.reading.benchmarks import Benchmark, BenchmarkItem, presets, read_benchmarks
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record
from winnow.similarity.alike import meaning_of
from winnow.similarity.items import prepare
from winnow.similarity.overlap import overlaps

_LIMIT, _FLOOR, _N = 0.5, 0.2, 8
_PROSE = (
    "Here is something that I came across last week while I was sorting the papers of my aunt.",
    "After that we went for a walk along the harbour and looked at the boats until it was dark.",
)


class Row(NamedTuple):
    """A row: prompt and reply, and what may stand before them."""

    prompt: str
    reply: str
    system: str = ""
    context: str = ""
    before: tuple[str, ...] = ()


Form = Callable[[BenchmarkItem, random.Random], "Row | None"]


def _lettered(item: BenchmarkItem, marks: str, options: list[str]) -> str:
    return "\n".join(
        [item.question, *(f"{marks.format('ABCDEFGHIJ'[n], n + 1)} {one}" for n, one in enumerate(options))]
    )


def _whole(item: BenchmarkItem) -> str:
    return _lettered(item, "{0}.", item.options) if item.options else item.question


def _reordered(item: BenchmarkItem, draw: random.Random) -> list[str]:
    return draw.sample(item.options, len(item.options))


def _answer(item: BenchmarkItem) -> str:
    return item.answers[0] if item.answers else ""


def _tokens(text: str) -> int:
    from winnow.text.scripts import folded_tokens

    return len(folded_tokens(pa.array([text])).hashes)


def _numbers(text: str, draw: random.Random) -> str:
    words = text.split(" ")
    return " ".join(
        str(draw.randrange(3, 90)) + word.lstrip("0123456789") if word[:1].isdigit() else word for word in words
    )


FORMS: dict[str, Form] = {
    "verbatim": lambda item, draw: Row(_whole(item), "I do not know."),
    "question alone": lambda item, draw: Row(item.question, "I do not know."),
    "question and answer": lambda item, draw: Row(item.question, _answer(item)) if item.answers else None,
    "labels": lambda item, draw: Row(f"Question: {_whole(item)}\nAnswer:", "I do not know."),
    "full width": lambda item, draw: Row(_wide(_whole(item)), "I do not know."),
    "a second turn": lambda item, draw: Row(_whole(item), "I do not know.", before=(_PROSE[0], "I see.")),
    "an earlier turn": lambda item, draw: Row("Thanks!", "You are welcome.", before=(_whole(item), "I do not know.")),
    "system": lambda item, draw: Row("Go on.", "I do not know.", system=f"Example.\n{_whole(item)}\n{_answer(item)}"),
    "reply": lambda item, draw: Row("Write an exam question with its answer.", f"{_whole(item)}\n{_answer(item)}"),
    "question | options": lambda item, draw: (
        Row(item.question, "I do not know.", context=_whole(item)[len(item.question) :]) if item.options else None
    ),
    "options reordered": lambda item, draw: (
        Row(_lettered(item, "{0})", _reordered(item, draw)), "I do not know.") if item.options else None
    ),
    "options 1. 2.": lambda item, draw: (
        Row(_lettered(item, "{1}.", _reordered(item, draw)), "I do not know.") if item.options else None
    ),
    "options （A）": lambda item, draw: (
        Row(_lettered(item, "（{0}）", _reordered(item, draw)), "I do not know.") if item.options else None
    ),
    "short item in prose, answered": lambda item, draw: (
        Row(f"{_PROSE[0]} {item.question} {_PROSE[1]}", _answer(item))
        if item.answers and _tokens(item.question) < _N
        else None
    ),
    "solution": lambda item, draw: (
        Row("Go on.", "\n".join(item.solutions[0]))
        if item.solutions and _tokens("\n".join(item.solutions[0])) >= 2 * _N
        else None
    ),
    "traditional": lambda item, draw: _traditional(item),
    "numbers changed": lambda item, draw: (
        Row(_numbers(item.question, draw), "I do not know.") if any(one.isdigit() for one in item.question) else None
    ),
}


def _wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


def _traditional(item: BenchmarkItem) -> Row | None:
    text = _whole(item)
    folded: str = _converter().convert(text)
    return Row(folded, "I do not know.") if folded != text else None


def table(rows: list[Row]) -> pa.Table:
    """Return planted rows as a table of records."""
    builder = RecordBuilder()
    for at, row in enumerate(rows):
        turns = [*row.before, row.prompt, row.reply]
        messages = [Message("assistant" if n % 2 else "user", text) for n, text in enumerate(turns)]
        record = Record(messages, (str(at),), system=row.system, context=row.context)
        builder.append(f"s:{at}", "s", "CC0-1.0", "human", record)
    return builder.table()


def found(benchmarks: dict[str, Benchmark], most: int) -> Iterator[tuple[str, str, int, list[str]]]:
    """Yield form, test set, planted rows and the items that were not found."""
    sets = prepare(benchmarks, _N, _FLOOR)
    for form, make in FORMS.items():
        for name, benchmark in benchmarks.items():
            draw = random.Random(7)
            items = draw.sample(benchmark.items, min(most, len(benchmark.items)))
            planted = [(item, row) for item in items if (row := make(item, draw))]
            if planted:
                over = overlaps(table([row for _, row in planted]), sets, _FLOOR).to_pylist()
                hit = {one["row_id"] for one in over if one["overlap"] > _LIMIT}
                yield (
                    form,
                    name,
                    len(planted),
                    [item.name for n, (item, _) in enumerate(planted) if f"s:{n}" not in hit],
                )


def in_other_words(benchmarks: dict[str, Benchmark]) -> list[list[str]]:
    """Return which share of paraphrased questions has its own question as the most alike of all items, by floor."""
    said = json.loads((REPOSITORY / "tests/cases/paraphrases.json").read_text(encoding="utf-8"))
    texts = ["\n".join([item.question, *item.options]) for one in benchmarks.values() for item in one.items]
    meaning = meaning_of([*(one["item"] for one in said), *texts], "tfidf", 0.0, "")
    alike = meaning.alike(table([Row(one["said"], "I do not know.") for one in said]))
    right = alike.items == alike.rows
    return [[f"{floor}", f"{(right & (alike.cosine >= floor)).mean():.3f}"] for floor in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)]


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--most", default=200, help="Items of each test set.")
@click.option("--missed", is_flag=True, help="Name the items that are not found.")
def main(data: Path, most: int, missed: bool) -> None:
    """Plant items of the test sets below DATA and print which share is found, by form and test set."""
    folder = data.resolve() / "benchmarks"
    entries = {name: {"path": str(folder / path)} for name, path in BENCHMARKS.items() if name in presets()}
    benchmarks = read_benchmarks(entries, folder)
    lines = list(found(benchmarks, most))
    rows = [[form, name, count, f"{1 - len(lost) / count:.3f}"] for form, name, count, lost in lines]
    click.echo(columns(["form", "test set", "planted", "found"], rows))
    click.echo("\n" + columns(["paraphrases, cosine from", "found"], in_other_words(benchmarks)))
    if missed:
        click.echo("\n".join(f"{form} {name}: {' '.join(lost)}" for form, name, _, lost in lines if lost))


if __name__ == "__main__":
    main()
