"""``python -m tests.campaigns.duplicates DATA``: what is dropped as a duplicate, what is missed, and what it costs.

Truth is the exact Jaccard similarity of all pairs, computed here by plain Python tokens and an inverted index.
"""

import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import pyarrow as pa

from tests.campaigns.bench import TOKEN, shuffled
from tests.campaigns.clone import REPOSITORY, SETS, add_real_sources, clone, run
from tests.campaigns.cost import watched
from tests.text.oracles import normal, runs, split_tokens
from winnow.cli.funnel import columns
from winnow.gates.comparing import comparison
from winnow.gates.decisions import Drop, decide
from winnow.gates.deduplicating import deduplicate, linked_by, passes
from winnow.harness.processes import map_buckets
from winnow.harness.settings import read_params
from winnow.records import views
from winnow.records.schema import DECISIONS, RECORDS
from winnow.similarity.neighbours import find_neighbours
from winnow.similarity.pairs import alike
from winnow.similarity.sketch import sketches
from winnow.similarity.sketches import Task
from winnow.storage.buckets import bucket_of, part, positions, read_all, read_bucket
from winnow.storage.parquet import write_table
from winnow.storage.tables import write_bucketed

_BUCKETS, _FLOOR, _NEAR, _TRUE = 16, 0.7, 0.75, 0.8
_SAID = 8  # tokens of a reply that is edited: a label with a typo or one more sentence is another label
_WORDS = 12  # tokens that a row has at least of which a copy is planted: of "Name a fruit. Apple." nothing can be told
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
    add_real_sources(folder, data.resolve(), SETS)
    for stage in ("normalize", "augment", "clean"):
        run(folder, "python3", "-m", f"stages.{stage}")


class Edited(NamedTuple):
    """A kind of planted copy: what is done to the prompt and to the reply of a row, None where nothing is."""

    name: str
    prompt: Edit | None
    reply: Edit | None


def _typo(text: str, draw: random.Random) -> str:
    """Swap two neighbouring letters inside a word of five letters or more; in Chinese, of any word that is there."""
    words = list(re.finditer(r"[a-zA-Z]{5,}", text))
    if not words:
        return text
    word = draw.choice(words)
    at = word.start() + draw.randrange(1, len(word[0]) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _polite(text: str, draw: random.Random) -> str:
    if not text.isascii() and re.search(r"[\u4e00-\u9fff]", text):
        return draw.choice((f"请{text}", f"你好，请{text}谢谢！", f"{text} 谢谢。"))
    start = text[:1].lower() + text[1:] if text[1:2].islower() else text
    return draw.choice((f"Please {start}", f"Could you please {start}", f"{text} Thank you!"))


def _dressed(text: str, draw: random.Random) -> str:
    """Put lines into bullets or a numbered list, and the first word in bold."""
    lines = [line for line in text.split("\n") if line.strip()]
    mark = draw.choice(("- ", "> ", "{}. ")) if len(lines) > 1 else ""
    bold = [re.sub(r"^(\w{3,})(?=\s)", r"**\1**", line.strip()) for line in lines]
    return "\n".join(mark.format(number) + line for number, line in enumerate(bold, 1))


def _sentence(text: str, draw: random.Random) -> str:
    if re.search(r"[\u4e00-\u9fff]", text):
        return text.rstrip("。") + "。" + draw.choice(("这一点大家都知道。", "更多内容可以在书里找到。"))
    return text.rstrip() + draw.choice((" More about it stands in many books.", " Most people know that by now."))


PLANTED = (
    Edited("typo in the prompt", _typo, None),
    Edited("typo in the reply", None, _typo),
    Edited("politeness", _polite, None),
    Edited("Markdown dress", None, _dressed),
    Edited("one sentence added", None, _sentence),
)


def planted(records: pa.Table, count: int) -> tuple[pa.Table, dict[str, tuple[str, str]]]:
    """Return ``records`` with edited copies of ``count`` of them, and by row id of a copy its origin and edit."""
    draw = random.Random("planted")
    rows, copies = [], {}
    words = [len(TOKEN.findall(text)) for text in views.compared(records).to_pylist()]
    single = [n for n, turns in enumerate(views.turn_counts(records).tolist()) if turns == 2 and words[n] >= _WORDS]
    said = [len(TOKEN.findall(text)) for text in views.response(records).to_pylist()]
    for number, at in enumerate(draw.sample(single, count)):
        row, edited = records.slice(at, 1).to_pylist()[0], PLANTED[number % len(PLANTED)]
        if edited.reply and said[at] < _SAID:
            edited = PLANTED[0]
        turns = [
            {**turn, "content": edit(turn["content"], draw) if edit else turn["content"]}
            for turn, edit in zip(row["messages"], (edited.prompt, edited.reply), strict=True)
        ]
        copy = {**row, "row_id": f"{row['row_id']}~copy", "messages": turns}
        rows.append(copy)
        copies[copy["row_id"]] = (row["row_id"], edited.name)
    return pa.concat_tables([records, pa.Table.from_pylist(rows, records.schema)]).sort_by("row_id"), copies


class Search(NamedTuple):
    """What ``neighbours`` and ``deduplicate`` make of rows: the drops by row id, and the records."""

    records: pa.Table
    drops: dict[str, Drop]
    links: pa.Table


def search(records: pa.Table, folder: Path) -> Search:
    """Run the search of ``neighbours`` and the pass ``row`` of ``deduplicate`` on ``records``."""
    owners = np.array([bucket_of(row_id, _BUCKETS) for row_id in records["row_id"].to_pylist()])
    for bucket in range(_BUCKETS):
        write_table(part(folder / "records", bucket), records.filter(pa.array(owners == bucket)), RECORDS)
    (folder / "scratch").mkdir()
    stock = tuple(read_params()["neighbours"]["stock_systems"])
    tasks = [Task(n, folder / "records", folder / "scratch", stock=stock) for n in range(_BUCKETS)]
    found = find_neighbours(tasks, _FLOOR)
    write_bucketed(folder / "sketches", found.sketches, _BUCKETS)
    order = passes(_NEAR, 0.0, ["row"], "keep_all")
    linked = linked_by(found.links, order)
    compare = comparison(folder / "sketches", _BUCKETS)(linked)
    alive = np.ones(len(linked), bool)
    drops, _ = deduplicate(linked, found.links, np.arange(len(linked)), alive, order, None, compare)
    return Search(records, drops, found.links)


def below_the_limit(found: Search) -> int:
    """Return how many near-duplicates are not at the limit to the row that stays, measured anew pair by pair."""
    ids = found.records["row_id"].combine_chunks()
    stock = tuple(read_params()["neighbours"]["stock_systems"])
    wrong = 0
    for row_id, drop in found.drops.items():
        if drop.reason == "near_duplicate":
            at = positions(pa.array([row_id, drop.other]), ids)
            value = alike(sketches(found.records.take(pa.array(at)), stock), np.array([[0, 1]]))[0]
            wrong += int(value < _NEAR or drop.other in found.drops)
    return wrong


def recalled(records: pa.Table, count: int, folder: Path) -> list[list[object]]:
    """Return lines (language, true pairs, recall): pairs at .8 of all pairs among ``count`` rows, half Chinese.

    True are pairs whose texts have that similarity and that the rules of :func:`alike` do not set apart: another label
    or number under the same text is another row, however alike the two are.
    """
    chinese = np.char.endswith(np.array(records["source"].to_pylist()).astype(str), "_zh")
    draw = random.Random("recall")
    some = [draw.sample(np.flatnonzero(chinese == one).tolist(), count // 2) for one in (True, False)]
    rows = records.take(pa.array(sorted(some[0] + some[1]))).to_pylist()
    copies = [varied(row, "edit", draw.choice(EDITS), draw) for row in draw.sample(rows, count // 5)]
    table = pa.Table.from_pylist(sorted(rows + copies, key=lambda row: row["row_id"]), RECORDS)
    links = search(table, folder).links
    ids = table["row_id"].to_pylist()
    found = {
        frozenset((a, b))
        for a, b, relation in zip(*(links[name].to_pylist() for name in links.column_names[:3]), strict=True)
        if relation in ("near", "exact")
    }
    twins = {
        a
        for a, relation in zip(links["row_id"].to_pylist(), links["relation"].to_pylist(), strict=True)
        if relation == "exact"
    }
    stock = tuple(read_params()["neighbours"]["stock_systems"])
    whole = sketches(table, stock)
    pairs = np.array(sorted(truth(views.compared(table).to_pylist())), np.int64).reshape(-1, 2)
    values = np.concatenate([alike(whole, pairs[at : at + 2000]) for at in range(0, len(pairs), 2000)])
    lines: list[list[object]] = []
    for language in ("zh", "en"):
        true = [
            frozenset((ids[a], ids[b]))
            for (a, b), value in zip(pairs.tolist(), values.tolist(), strict=True)
            if value >= _TRUE
            and not {ids[a], ids[b]} & twins
            and ids[a].split(":")[0].endswith("_zh") == (language == "zh")
        ]
        lines.append([language, len(true), f"{sum(pair in found for pair in true) / max(len(true), 1):.4f}"])
    return lines


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
        for n in np.flatnonzero((a < b) & (similarity >= _TRUE)).tolist():
            pairs[int(a[n]), int(b[n])] = float(similarity[n])
    return pairs


def page(found: Search, count: int) -> str:
    """Return ``count`` sampled near-duplicates as text, each with the row that stays, to be read."""
    near = sorted(row_id for row_id, drop in found.drops.items() if drop.reason == "near_duplicate")
    ids = found.records["row_id"].combine_chunks()
    blocks = []
    for row_id in random.Random("page").sample(near, min(count, len(near))):
        drop = found.drops[row_id]
        shown = []
        for at in positions(pa.array([row_id, drop.other]), ids).tolist():
            row = found.records.slice(at, 1).to_pylist()[0]
            said = " | ".join(f"{turn['role']}: {turn['content']}" for turn in row["messages"])
            shown.append(f"  {row['row_id']}  {(row['context'] or '')[:300]!r} {said[:1200]!r}")
        blocks.append("\n".join([f"{drop.value:.3f}", *shown]))
    return "\n".join(blocks)


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
@click.option(
    "--copies", default=1_000, show_default=True, help="Edited copies that are planted in the real rows; 0: none."
)
@click.option("--sample", default=20_000, show_default=True, help="Rows whose pairs are all compared; 0: none.")
@click.option("--rows", default=1_000_000, show_default=True, help="Rows of the run that is timed; 0: none.")
@click.option("--read", default=200, show_default=True, help="Near-duplicates that are printed to be read.")
@click.option("--built", type=click.Path(path_type=Path), help="Repository whose clean records of DATA are taken.")
def main(data: Path, copies: int, sample: int, rows: int, read: int, built: Path | None) -> None:
    """Measure the search for duplicates on the public sets below DATA, with planted copies and edits."""
    with tempfile.TemporaryDirectory(prefix="winnow-duplicates-") as temporary:
        folder = Path(temporary) / "clone"
        real_rows(folder, data, built)
        records = read_all(folder / "data/clean/records", _BUCKETS)
        if copies:
            table, origins = planted(records, copies)
            found = search(table, Path(temporary) / "copies")
            left: Counter[tuple[str, bool]] = Counter()
            for copy, (origin, name) in origins.items():
                left[name, copy in found.drops or origin in found.drops] += 1
            names = [edited.name for edited in PLANTED]
            lines = [
                [
                    name,
                    left[name, True] + left[name, False],
                    f"{left[name, True] / max(left[name, True] + left[name, False], 1):.3f}",
                ]
                for name in names
            ]
            lines.append(["all", copies, f"{sum(left[name, True] for name in names) / copies:.3f}"])
            click.echo(columns(["planted copies", "rows", "dropped"], lines))
            click.echo(f"near-duplicates below the limit to the row that stays: {below_the_limit(found)}")
            click.echo(page(found, read))
        if sample:
            lines = recalled(records, sample, Path(temporary) / "sample")
            click.echo(columns(["language", "true pairs from 0.8 on", "recall"], lines))
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
