"""``python -m tests.campaigns.duplicates DATA``: recall of the near-duplicate search, and its cost for a million rows.

Truth is the exact Jaccard similarity of all pairs, computed here by plain Python tokens and an inverted index.
"""

import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import pyarrow as pa

from tests.campaigns.bench import TOKEN, shuffled
from tests.campaigns.clone import CORE, REPOSITORY, add_real_sources, clone, run
from tests.campaigns.cost import watched
from tests.text.oracles import normal, runs, split_tokens
from winnow.cli.funnel import columns
from winnow.gates.decisions import decide
from winnow.harness.processes import map_buckets
from winnow.records import views
from winnow.records.schema import DECISIONS, RECORDS
from winnow.similarity.forest import groups
from winnow.similarity.neighbours import find_neighbours
from winnow.similarity.sketches import Task, candidate_pairs, sketch_bucket
from winnow.similarity.verified import verified
from winnow.storage.buckets import bucket_of, part, read_all, read_bucket
from winnow.storage.parquet import write_table

_BUCKETS, _FLOOR, _NEAR = 16, 0.7, 0.8
Edit = Callable[[str, random.Random], str]


def _replaced(share: float) -> Edit:
    """Return an edit that puts other tokens of the same text in the place of a share of its tokens."""

    def edit(text: str, draw: random.Random) -> str:
        words = TOKEN.findall(text)
        return TOKEN.sub(lambda match: draw.choice(words) if draw.random() < share else match[0], text)

    return edit


def _cut(text: str, draw: random.Random) -> str:
    places = [match.span() for match in TOKEN.finditer(text)]
    start, end = draw.choice(places) if places else (0, 0)
    return text[:start] + text[end:]


EDITS: tuple[Edit, ...] = (
    _replaced(0.02),
    _replaced(0.05),
    _replaced(0.1),
    _cut,
    lambda text, draw: text.upper().replace(",", " ,").replace("，", ","),
    lambda text, draw: (
        f"{text} Let me know if there is anything else." if text.isascii() else f"{text}希望对你有帮助。"
    ),
)


def varied(row: dict[str, Any], suffix: str, edit: Edit, draw: random.Random) -> dict[str, Any]:
    """Return a copy of a record under another id of the same bucket, ``edit`` made in all of its texts."""
    texts = [{**turn, "content": edit(turn["content"] or "", draw)} for turn in row["messages"]]
    context = edit(row["context"], draw) if row["context"] else row["context"]
    return {**row, "row_id": f"{row['row_id']}~{suffix}", "messages": texts, "context": context}


def real_rows(folder: Path, data: Path, built: Path | None) -> None:
    """Normalise and clean the public sets in ``folder``, with the code as it stands here; or take built records."""
    clone(folder)
    for package in ("stages", "winnow"):
        shutil.rmtree(folder / package)
        shutil.copytree(REPOSITORY / package, folder / package)
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copyfile(REPOSITORY / name, folder / name)
    if built:
        shutil.copytree(built / "data/clean/records", folder / "data/clean/records")
        return
    add_real_sources(folder, data.resolve(), CORE)
    for stage in ("normalize", "clean"):
        run(folder, "python3", "-m", f"stages.{stage}")


class Search(NamedTuple):
    """Rows of a measurement, and pairs of positions among them: candidates, verified pairs, links that are written."""

    records: pa.Table
    candidates: set[tuple[int, int]]
    similar: set[tuple[int, int]]
    links: set[tuple[int, int]]
    alive: list[int]


def planted(records: pa.Table, count: int) -> pa.Table:
    """Return ``count`` rows, half Chinese, half English, every fifth an edited copy of another one."""
    sources = np.array(records["source"].to_pylist())
    rows = []
    for chinese in (True, False):
        here = np.flatnonzero(np.char.endswith(sources.astype(str), "_zh") == chinese)
        draw = random.Random(f"planted {chinese}")
        some = records.take(pa.array(draw.sample(here.tolist(), count * 2 // 5))).to_pylist()
        copied = draw.sample(some, count // 2 - len(some))
        rows += some + [varied(row, "edit", draw.choice(EDITS), draw) for row in copied]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["row_id"]), RECORDS)


def find(records: pa.Table, folder: Path) -> Search:
    """Run the search of ``neighbours`` on ``records``, and take what it finds before and after the forest."""
    owners = np.array([bucket_of(row_id, _BUCKETS) for row_id in records["row_id"].to_pylist()])
    order = np.argsort(owners, kind="stable")
    records = records.take(pa.array(order))
    for bucket in range(_BUCKETS):
        write_table(part(folder, bucket), records.filter(pa.array(owners[order] == bucket)), RECORDS)
    scratch = folder / "scratch"
    scratch.mkdir()
    tasks = [Task(bucket, folder, scratch) for bucket in range(_BUCKETS)]
    table, _ = find_neighbours(tasks, _FLOOR)
    at = {row_id: position for position, row_id in enumerate(records["row_id"].to_pylist())}
    rows = [(at[a], at[b], relation, value) for a, b, relation, value in zip(*table.to_pydict().values(), strict=True)]
    twins = {a for a, _, relation, _ in rows if relation == "exact"}
    alive = np.array(sorted(set(range(len(records))) - twins))
    sketches = list(map_buckets(sketch_bucket, tasks))
    kinds = np.concatenate([one.kinds.to_pylist() for one in sketches])
    pairs = candidate_pairs(scratch, _BUCKETS, alive, np.unique(kinds, return_inverse=True)[1].astype(np.int32))
    similar, values = verified(tasks, [len(one.row_ids) for one in sketches], pairs, _FLOOR)
    links = {(min(a, b), max(a, b)) for a, b, relation, value in rows if relation == "near" and value >= _NEAR}
    near = similar[np.round(values, 6) >= _NEAR]
    return Search(records, _set(pairs), _set(near), links, alive.tolist())


def _set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return set(map(tuple, pairs.tolist()))


def truth(texts: list[str]) -> dict[tuple[int, int], float]:
    """Return the pairs of ``texts`` with a Jaccard similarity of at least 0.8: all pairs, by an inverted index."""
    from scipy.sparse import csr_matrix

    numbers: dict[tuple[str, ...], int] = {}
    rows = [sorted({numbers.setdefault(run, len(numbers)) for run in runs(split_tokens(normal(t)), 3)}) for t in texts]
    sizes = np.array([len(row) for row in rows])
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    flat = np.array([number for row in rows for number in row], np.int32)
    matrix = csr_matrix((np.ones(len(flat), np.int32), flat, bounds), shape=(len(texts), max(len(numbers), 1)))
    transposed, pairs = matrix.T.tocsr(), {}
    for start in range(0, len(texts), 500):
        shared = (matrix[start : start + 500] @ transposed).tocoo()
        a, b = shared.row + start, shared.col
        similarity = shared.data / (sizes[a] + sizes[b] - shared.data)
        for n in np.flatnonzero((a < b) & (similarity >= _NEAR)).tolist():
            pairs[int(a[n]), int(b[n])] = float(similarity[n])
    return pairs


def quality(search: Search) -> list[list[object]]:
    """Return lines of the table: recall and precision against all pairs, per definition and language."""
    alive = set(search.alive)
    whole = {pair for pair in truth(views.compared(search.records).to_pylist()) if alive.issuperset(pair)}
    turns = whole & truth(views.said_and_rejected(search.records).to_pylist()).keys()
    kinds = search.records["kind"].to_pylist()
    whole, turns = ({(a, b) for a, b in pairs if kinds[a] == kinds[b]} for pairs in (whole, turns))
    member = groups(len(search.records), np.array(sorted(search.links), np.int64).reshape(-1, 2))
    together = {pair for pair in whole if member[pair[0]] == member[pair[1]]}
    chinese = [source.endswith("_zh") for source in search.records["source"].to_pylist()]
    lines: list[list[object]] = []
    for name, true, got in (
        ("whole and turns", turns, search.similar),
        ("whole and turns, one group", turns, together),
        ("whole and turns, links written", turns, search.links),
        ("whole row alone", whole, search.similar),
        ("whole row alone, candidates", whole, search.candidates),
    ):
        for language in (True, False):
            mine = {pair for pair in true if chinese[pair[0]] == language}
            ours = {pair for pair in got if chinese[pair[0]] == language}
            recall, precision = len(mine & ours) / len(mine), len(mine & ours) / len(ours)
            shown = f"{precision:.4f}" if "group" not in name and "candidates" not in name else ""
            recalled = f"{recall:.4f}" if "written" not in name else ""
            lines.append([name, "zh" if language else "en", len(mine), recalled, shown])
    return lines


class Copies(NamedTuple):
    """One bucket of real records that becomes ``rows`` rows of a larger folder."""

    bucket: int
    rows: int
    folder: Path


def multiply(copies: Copies) -> None:
    """Write the real rows of a bucket and variants of them: nine of ten with shuffled words, one with a planted edit.

    Of the planted ones one in seven is left as it is: an exact duplicate.
    """
    real = read_bucket(copies.folder / "data/clean/records", copies.bucket).to_pylist()
    rows, copy = list(real), 0
    while len(rows) < copies.rows:
        copy += 1
        draw = random.Random(f"{copies.bucket} {copy}")
        for row in real[: copies.rows - len(rows)]:
            edit: Edit = shuffled
            if draw.random() < 0.1:
                edit = draw.choice((*EDITS, lambda text, draw: text))
            rows.append(varied(row, f"c{copy}", edit, draw))
    table = pa.Table.from_pylist(sorted(rows, key=lambda row: row["row_id"]), RECORDS)
    write_table(part(copies.folder / "data/clean/records", copies.bucket), table, RECORDS)
    facts = table.select(["row_id", "kind"]).append_column("turns", pa.array(views.turn_counts(table), pa.int32()))
    write_table(part(copies.folder / "data/annotate", copies.bucket), facts, facts.schema)
    kept = decide(table["row_id"].combine_chunks(), {})
    write_table(part(copies.folder / "data/filter", copies.bucket), kept, DECISIONS)


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--sample", default=20_000, show_default=True, help="Rows whose pairs are all compared; 0: none.")
@click.option("--rows", default=1_000_000, show_default=True, help="Rows of the run that is timed; 0: none.")
@click.option("--built", type=click.Path(path_type=Path), help="Repository whose clean records of DATA are taken.")
def main(data: Path, sample: int, rows: int, built: Path | None) -> None:
    """Measure the search for duplicates on the public sets below DATA, with planted edits."""
    with tempfile.TemporaryDirectory(prefix="winnow-duplicates-") as temporary:
        folder = Path(temporary) / "clone"
        real_rows(folder, data, built)
        if sample:
            records = read_all(folder / "data/clean/records", _BUCKETS)
            lines = quality(find(planted(records, sample), Path(temporary) / "sample"))
            click.echo(columns(["pairs from 0.8 on", "language", "true pairs", "recall", "precision"], lines))
        if rows:
            for _ in map_buckets(multiply, [Copies(bucket, rows // _BUCKETS, folder) for bucket in range(_BUCKETS)]):
                pass
            costs = {
                stage: watched(folder, "python3", "-m", f"stages.{stage}") for stage in ("neighbours", "deduplicate")
            }
            header = [f"stage, {rows:,} rows", "wall s", "CPU s", "largest process MB", "all processes MB"]
            click.echo(columns(header, [[name, *map("{:.0f}".format, cost)] for name, cost in costs.items()]))
            for stage in costs:
                click.echo((folder / "metrics" / f"{stage}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
