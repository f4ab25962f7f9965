"""``make edits DATA=…``: a page with a seeded sample of what each cleaning rule does to the public sets, to be read.

Each edit stands with its changed places in brackets and with what it stands beside: the prompt of its row, the context,
the other side. A rule is good where fifty of its edits are.
"""

import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc

from tests.campaigns.clone import add_real_sources, clone, run
from winnow.harness.display import visible
from winnow.harness.settings import read_params
from winnow.storage.buckets import each_batch
from winnow.text.worddiff import MORE, around_changes, bounded, word_diff

Edit = dict[str, str]
_SIGNS = {"-": "-{}", "+": "+{}", MORE: "…"}


def sampled(edits: Iterable[Edit], seed: int, each: int) -> dict[str, list[Edit]]:
    """Return up to ``each`` edits of each rule, chosen by a hash of the seed, the row and the field.

    >>> edits = [{"row_id": f"a:{n}", "field": "context", "rule": "html"} for n in range(9)]
    >>> [one["row_id"] for one in sampled(edits, 1, 3)["html"]]
    ['a:1', 'a:6', 'a:3']
    """
    by_rule: defaultdict[str, list[tuple[bytes, Edit]]] = defaultdict(list)
    for edit in edits:
        key = f"{seed}:{edit['row_id']}:{edit['field']}"
        by_rule[edit["rule"]].append((blake2b(key.encode(), digest_size=8).digest(), edit))
    return {
        rule: [edit for _, edit in sorted(listed, key=lambda one: one[0])[:each]]
        for rule, listed in sorted(by_rule.items())
    }


def changes(before: str, after: str) -> str:
    r"""Return what changed between two texts on one line, in brackets, with spaces and breaks that can be seen.

    >>> changes("It ended.[3]  Then it rained.\n", "It ended. Then it rained.")
    'It ended.⟦-[3]·⟧ Then it rained.⟦-⏎⟧'
    """
    pieces = bounded(around_changes(word_diff(before, after), 60), 5, 200)
    return "".join(text if sign == "=" else f"⟦{_SIGNS[sign].format(_seen(text))}⟧" for sign, text in pieces).replace(
        "\n", "⏎"
    )


def _seen(text: str) -> str:
    return text.replace(" ", "·").replace("\t", "⇥").replace("\u00a0", "⍽").replace("\n", "⏎")


def entry(edit: Edit, row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one edit: where, what changed, and what its row asks and answers."""
    yield f"{edit['row_id']} {edit['field']}"
    yield f"  {changes(edit['before'], edit['after'])}"
    turns = [(turn["role"], turn["content"]) for turn in row["messages"]]
    worse = [one["messages"][-1]["content"] for one in row["rejected"] or []]
    users = " / ".join(content for role, content in turns if role == "user")
    sides = {"system": row["system"], "prompt": users, "context": row["context"], "reply": turns[-1][1]}
    for name, text in {**sides, **{f"rejected {n}": one for n, one in enumerate(worse)}}.items():
        if text and text != edit["before"]:
            yield f"    {name}: {_cut(text)}"


def _cut(text: str, width: int = 200) -> str:
    line = text.replace("\n", "⏎")
    return line if len(line) <= width else f"{line[:width]}… ({len(line):,})"


def page(folder: Path, buckets: int, seed: int, each: int) -> Iterator[str]:
    """Yield the lines of the page for the build in ``folder``."""
    every = [edit for bucket in range(buckets) for edit in _rows(folder / "data/clean/edits", bucket)]
    counts = Counter(edit["rule"] for edit in every)
    for rule, edits in sampled(every, seed, each).items():
        yield from ("", f"# {rule}: {len(edits)} of {counts[rule]:,} edits")
        wanted = pa.array(sorted({edit["row_id"] for edit in edits}), pa.string())
        rows: dict[str, Any] = {}
        for bucket in range(buckets):
            for table in each_batch(folder / "data/normalize/records", bucket):
                found = table.filter(pc.is_in(table["row_id"], value_set=wanted)).to_pylist()
                rows |= {row["row_id"]: row for row in found}
        for number, edit in enumerate(edits, 1):
            first, *others = entry(edit, rows[edit["row_id"]])
            yield from ("", f"{number}. {first}", *others)


def _rows(folder: Path, bucket: int) -> Iterator[Edit]:
    for table in each_batch(folder, bucket):
        yield from table.to_pylist()


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--built", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A build to read instead.")
@click.option("--out", type=click.Path(path_type=Path), default="edits.txt", show_default=True, help="The page.")
@click.option("--seed", default=1, show_default=True, help="Another seed samples other edits.")
@click.option("--each", default=50, show_default=True, help="Edits of each rule.")
def main(data: Path, built: Path | None, out: Path, seed: int, each: int) -> None:
    """Clean the public sets below DATA and write a page with a sample of the edits of each rule."""
    out = out.resolve()
    with tempfile.TemporaryDirectory(prefix="winnow-edits-") as temporary:
        folder = (built or Path(temporary) / "clone").resolve()
        if built is None:
            clone(folder)
            add_real_sources(folder, data.resolve())
            run(folder, "dvc", "repro", "--quiet", "clean")
        before = Path.cwd()
        os.chdir(folder)
        try:
            buckets = read_params()["buckets"]
        finally:
            os.chdir(before)
        lines = [visible(line) for line in page(folder, buckets, seed, each)]
    out.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
    click.echo(f"{out}: {sum(line.startswith('# ') for line in lines)} rules to read.")


if __name__ == "__main__":
    main()
