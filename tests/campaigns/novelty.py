"""``make novelty DATA=…``: novelty of 100,000 candidates against 150,000 rows: CPU seconds, memory, equal to all pairs.

The rows are the instructions of public sets below DATA, and mixtures of them up to the number asked for; a candidate is
the first half of one and the second half of another, or one with two words of five taken from another. On a sample, all
pairs are compared by the textbook recurrence.
"""

import gzip
import json
import random
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pyarrow as pa

from tests.campaigns.bench import TOKEN
from tests.similarity.test_rouge import textbook
from winnow.candidates.facts import Written
from winnow.candidates.novel import alike
from winnow.cli.funnel import columns
from winnow.recipes.recipe_file import load
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record
from winnow.storage.tables import write_bucketed
from winnow.text.normal import normalised
from winnow.text.tokens import hashed_tokens

_SETS = ("alpaca", "alpaca_zh", "dolly", "gpteacher")
_BUCKETS = 16


def instructions(data: Path) -> Iterator[str]:
    """Yield the instructions of the public sets below ``data``."""
    for file in sorted(file for name in _SETS for file in (data / name).rglob("*.json*")):
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
        rows = json.loads(text) if text.lstrip().startswith("[") else map(json.loads, text.splitlines())
        for row in rows:
            said = row.get("instruction") if isinstance(row, dict) else None
            if isinstance(said, str) and said.strip():
                yield said


def mixed(some: Sequence[str], draw: random.Random) -> str:
    """Return the first half of one text and the second half of another."""
    first, second = (TOKEN.findall(draw.choice(some)) for _ in range(2))
    words = first[: (len(first) + 1) // 2] + second[len(second) // 2 :]
    return ("" if words and words[0] > "\u3400" else " ").join(words)


def replaced(some: Sequence[str], draw: random.Random) -> str:
    """Return a text in which two words of five are those of another."""
    other = TOKEN.findall(draw.choice(some)) or ["so"]
    return TOKEN.sub(lambda one: draw.choice(other) if draw.random() < 0.4 else one[0], draw.choice(some))


def texts(data: Path, rows: int, candidates: int) -> tuple[list[str], list[str]]:
    """Return the rows and the candidates."""
    draw, real = random.Random(1), list(instructions(data))
    by_language = [[one for one in real if one.isascii()], [one for one in real if not one.isascii()]]
    weights = [len(some) for some in by_language]
    there = real[:rows]
    there += [mixed(draw.choices(by_language, weights)[0], draw) for _ in range(rows - len(there))]
    ways = (mixed, replaced)
    return there, [ways[n % 2](draw.choices(by_language, weights)[0], draw) for n in range(candidates)]


def records(there: Sequence[str], folder: Path) -> Path:
    """Write the rows as clean records."""
    builder = RecordBuilder()
    for number, text in enumerate(there):
        record = Record([Message("user", text), Message("assistant", "So.")], (text,))
        builder.append(f"row:{number:06d}", "row", "CC0-1.0", "human", record)
    write_bucketed(folder, builder.table().sort_by("row_id"), _BUCKETS)
    return folder


def compared(some: Sequence[str], others: Sequence[str], floor: float) -> dict[tuple[int, int], float]:
    """Return the similarity of all pairs that reach ``floor``, by the whole table of each."""
    runs = []
    for texts_ in (some, others):
        one = hashed_tokens(normalised(pa.array(list(texts_), pa.string())))
        runs.append([one.hashes[one.bounds[n] : one.bounds[n + 1]].tolist() for n in range(len(texts_))])
    return {
        (n, m): round(similarity, 6)
        for n, first in enumerate(runs[0])
        for m, second in enumerate(runs[1])
        if first and second and (similarity := textbook(first, second)) >= floor - 1e-9
    }


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--candidates", default=100_000, show_default=True)
@click.option("--rows", default=150_000, show_default=True)
@click.option("--sample", default=200, show_default=True, help="Candidates of which all pairs are compared.")
@click.option("--floor", default=0.6, show_default=True)
@click.option("--most", default=300, show_default=True, help="CPU seconds that it may take.")
def main(data: Path, candidates: int, rows: int, sample: int, floor: float, most: int) -> None:
    """Measure novelty at scale; exit status 1 where it is too slow, or unlike all pairs on a sample."""
    there, some = texts(data, rows, candidates)
    recipe = load("self_instruct", Path("data/recipes"))
    written = [
        Written(f"new:{number:06d}", f"new:{number:06d}", text, "", "", {}, recipe, "en")
        for number, text in enumerate(some)
    ]
    with tempfile.TemporaryDirectory(prefix="winnow-novelty-") as folder:
        place = records(there, Path(folder) / "records")
        before = resource.getrusage(resource.RUSAGE_SELF)
        pairs = alike(written, place, {}, _BUCKETS, floor)
        used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime

    found = {
        (int(one["row_id"][4:]), int(one["other_row_id"][4:])): one["similarity"]
        for one in pairs.to_pylist()
        if int(one["row_id"][4:]) < sample
    }
    draw = random.Random(2)
    among = sorted({other for _, other in found} | set(draw.sample(range(rows), min(rows, 1_500))))
    all_pairs = compared(some[:sample], [there[n] for n in among], floor)
    equal = {(n, among[m]): similarity for (n, m), similarity in all_pairs.items()} == found
    checks = [
        (f"CPU seconds (at most {most})", f"{seconds:.1f}", seconds <= most),
        (f"pairs of {floor} or more", f"{len(pairs):,}", len(pairs) > 0),
        ("peak memory, MB", f"{used.ru_maxrss / 1024:,.0f}", True),
        (f"equal to all {sample * len(among):,} pairs of a sample", "yes" if equal else "no", equal),
    ]
    click.echo(f"{candidates:,} candidates, {rows:,} rows")
    click.echo(columns(["measure", "found", "held"], [[a, b, "yes" if held else "NO"] for a, b, held in checks]))
    sys.exit(0 if all(held for *_, held in checks) else 1)


if __name__ == "__main__":
    main()
