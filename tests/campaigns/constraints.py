"""``make constraints DATA=…``: constraints written into 10,000 prompts of the public sets, and checked a second time.

Every constraint is held against a program that counts otherwise (``tests/constraints/again.py``), on clean text, and
none may be met by more than half of the replies to its kind of task. Prints what was made, what left, rows to read.
"""

import hashlib
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pyarrow.compute as pc

from tests.campaigns.clone import add_real_sources, clone, run
from tests.constraints.again import COUNTS, holds
from winnow.cli.funnel import columns
from winnow.records import views
from winnow.storage.buckets import read_bucket

PLAN = "harder"
Key = tuple[str, str]


def build(folder: Path, data: Path, rows: int) -> None:
    """Build the public sets up to ``filter`` in a clone, with a plan of so many rows."""
    clone(folder)
    add_real_sources(folder, data)
    params = folder / "params.yaml"
    text = params.read_text(encoding="utf-8")
    plan = f"augment:\n  plans: {{{PLAN}: {{method: constrain, rows: {rows}}}}}"
    head, tail = text.split("augment:\n  plans: {}")
    params.write_text(head + plan + tail, encoding="utf-8")
    run(folder, "dvc", "repro", "--quiet", "filter")


def buckets(folder: Path) -> Iterator[tuple[list[dict[str, Any]], list[str], list[str]]]:
    """Yield by bucket the rows with some facts and the reason for which they leave, their prompts and replies."""
    for bucket in range(len(list((folder / "data/filter").glob("part-*.parquet")))):
        table = read_bucket(folder / "data/clean/records", bucket)
        facts = read_bucket(
            folder / "data/annotate", bucket, ["row_id", "task", "response_language", "constraints_met"]
        )
        gate = read_bucket(folder / "data/filter", bucket, ["row_id", "verdict", "reason"])
        assert facts["row_id"].equals(table["row_id"])
        assert gate["row_id"].equals(table["row_id"])
        rows = table.select(["row_id", "source", "kind", "metadata"])
        for name in ("task", "response_language", "constraints_met"):
            rows = rows.append_column(name, facts[name])
        rows = rows.append_column("reason", pc.if_else(pc.equal(gate["verdict"], "drop"), gate["reason"], ""))
        yield rows.to_pylist(), views.instruction(table).to_pylist(), views.response(table).to_pylist()


def shares(folder: Path, wanted: dict[Key, set[str]]) -> dict[tuple[Key, str], float]:
    """Return the share of the replies to each kind of task that meet each constraint, which are JSON texts."""
    parsed = {key: [(text, *json.loads(text)) for text in sorted(some)] for key, some in wanted.items()}
    counted = {key: [one for one in some if " " in one[1]] for key, some in parsed.items()}
    worded = {
        key: [
            (text, check, given, str(given.get("word") or given.get("phrase")).lower())
            for text, check, given in some
            if " " not in check
        ]
        for key, some in parsed.items()
    }
    met: Counter[tuple[Key, str]] = Counter()
    total: Counter[Key] = Counter()
    for rows, _, replies in buckets(folder):
        for row, reply in zip(rows, replies, strict=True):
            key = (row["task"], row["response_language"])
            if row["source"] == PLAN or row["kind"] == "feedback" or not reply or key not in wanted:
                continue
            total[key] += 1
            known: dict[str, int] = {}
            low = reply.lower()
            for text, check, given in counted[key]:
                name = check.partition(" ")[2]
                if name not in known:
                    known[name] = COUNTS[name](reply, key[1])
                met[key, text] += _relation(check, known[name], given.get("count", 0))
            for text, check, given, word in worded[key]:
                if word in low:
                    met[key, text] += holds(check, key[1], given, reply)
    return {one: count / total[one[0]] for one, count in met.items()}


def _relation(check: str, count: int, asked: int) -> bool:
    relation = check.partition(" ")[0]
    if relation in ("some", "no"):
        return (count > 0) == (relation == "some")
    return {"exactly": count == asked, "at_most": count <= asked, "at_least": count >= asked}[relation]


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rows", default=10_000, show_default=True)
@click.option("--read", default=20, show_default=True, help="Rows that are printed, to be read.")
@click.option("--built", type=click.Path(path_type=Path), help="A clone that this has built before.")
def main(data: Path, rows: int, read: int, built: Path | None) -> None:
    """Check every constraint of a plan over the public sets below DATA; exit status 1 where one does not hold."""
    with tempfile.TemporaryDirectory(prefix="winnow-constraints-") as temporary:
        folder = built or Path(temporary) / "clone"
        if not built:
            build(folder, data.resolve(), rows)
        report = _report(folder)
        for name, number, good in report[0]:
            click.echo(f"{name:55}{number:>10}  {'' if good else 'NO'}")
        click.echo(columns(["constraint", "language", "rows"], report[1]))
        for prompt, reply in sorted(report[2], key=lambda one: hashlib.blake2b(one[0].encode()).digest())[:read]:
            click.echo(f"\n--- {prompt}\n==> {reply[:300]}")
    if not all(good for *_, good in report[0]):
        sys.exit(1)


def _report(folder: Path) -> tuple[list[tuple[str, str, bool]], list[list[Any]], list[tuple[str, str]]]:
    made = left = wrong = checked = unmet = 0
    by_kind: Counter[Key] = Counter()
    wanted: defaultdict[Key, set[str]] = defaultdict(set)
    shown: list[tuple[str, str]] = []
    tasks = {row["row_id"]: row["task"] for rows, *_ in buckets(folder) for row in rows}
    for rows, prompts, replies in buckets(folder):
        for row, prompt, reply in zip(rows, prompts, replies, strict=True):
            if row["source"] != PLAN:
                continue
            made, left = made + 1, left + bool(row["reason"])
            unmet += row["constraints_met"] < 1
            about = json.loads(row["metadata"])
            task = tasks[next(iter(about["roles"]))]  # what was asked before the constraints were
            for one in about["constraints"]:
                by_kind[one["kind"], one["language"]] += 1
                wanted[task, one["language"]].add(json.dumps([one["check"], one["arguments"]], sort_keys=True))
                if row["constraints_met"] == 1:
                    checked += 1
                    held = holds(one["check"], one["language"], one["arguments"], reply)
                    wrong += not held
                    if not held:
                        click.echo(f"does not hold: {one} {reply[:200]!r}")
            if not row["reason"]:
                shown.append((prompt, reply))
    common = {one: share for one, share in shares(folder, dict(wanted)).items() if share > 0.5}
    for (key, text), share in sorted(common.items())[:20]:
        click.echo(f"common: {key} {text} {share:.3f}")
    lines = [
        ("rows made", f"{made:,}", made > 0),
        ("of which filter drops, for any reason", f"{left:,}", True),
        ("of which cleaning changed what was counted", f"{unmet:,}", True),
        ("constraints checked again", f"{checked:,}", checked > 0),
        ("of which do not hold", f"{wrong:,}", wrong == 0),
        ("different constraints by task type and language", f"{sum(map(len, wanted.values())):,}", True),
        ("of which more than half of the replies meet", f"{len(common):,}", not common),
    ]
    return lines, [[*key, f"{count:,}"] for key, count in by_kind.most_common()], shown


if __name__ == "__main__":
    main()
