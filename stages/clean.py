"""Stage ``clean``: mend what can be mended surely, and keep every edit."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    from winnow.patches.patch import Patch


@dataclass(frozen=True)
class Task:
    """One bucket of normalized records and where its clean records and edits go."""

    bucket: int
    normalized: Path
    records: Path
    edits: Path
    rules: tuple[str, ...]
    patches: "dict[str, Patch]"


def clean_bucket(task: Task) -> tuple[int, Counter[tuple[str, str]], int]:
    """Patch and clean one bucket; return its rows, the edits by source and rule, and how many patches' edits hold."""
    from winnow.cleaning.records import clean_records
    from winnow.cleaning.rules import RULES
    from winnow.patches.apply import apply
    from winnow.records.schema import EDITS, RECORDS
    from winnow.storage.buckets import each_batch, part
    from winnow.storage.parquet import TableWriter

    rules = [rule for rule in RULES if rule.name in task.rules]
    rows, counts, held = 0, Counter[tuple[str, str]](), 0
    with (
        TableWriter(part(task.records, task.bucket), RECORDS) as records_out,
        TableWriter(part(task.edits, task.bucket), EDITS) as edits_out,
    ):
        for table in each_batch(task.normalized, task.bucket):
            patched = apply(table, task.patches)
            records, edits = clean_records(patched.records, rules, patched.edits)
            records_out.write(records)
            edits_out.write(edits)
            rows += len(records)
            held += len(patched.edits)
            sources = [row_id.split(":", 1)[0] for row_id in edits["row_id"].to_pylist()]
            counts.update(zip(sources, edits["rule"].to_pylist(), strict=True))
    return rows, counts, held


@stage("clean", shared=("buckets",))
@click.option(
    "--mojibake/--no-mojibake", required=True, help="Text decoded with the wrong encoding (ftfy, safe for Chinese)."
)
@click.option(
    "--control/--no-control", required=True, help="Control characters, terminal escapes, stray byte order marks."
)
@click.option(
    "--invisible/--no-invisible", required=True, help="Zero-width, bidi and tag characters; emoji and Persian stay."
)
@click.option("--html/--no-html", required=True, help="Remnants of HTML in prose; never in code or in talk about HTML.")
@click.option("--runon/--no-runon", required=True, help="A reply that runs on into the generator's next task.")
@click.option("--placeholder/--no-placeholder", required=True, help='A context that says "No input" in so many words.')
@click.option("--no-output/--keep-no-output", required=True, help='A response that says "<nooutput>" becomes empty.')
@click.option("--citation/--no-citation", required=True, help="Wikipedia's citation marks such as [3].")
@click.option(
    "--punctuation/--no-punctuation", required=True, help="Half-width signs in Chinese prose, space before a comma."
)
@click.option("--whitespace/--no-whitespace", required=True, help="White space that is not code, a table or an indent.")
def main(run: Run, buckets: int, **rules: bool) -> None:
    """Put patches in, then mend text by named rules, each with its own switch; every edit is kept, before and after."""
    from winnow.harness.processes import map_buckets
    from winnow.patches.patch import each_patch
    from winnow.storage.buckets import bucket_of

    records, edits = run.folder("data/clean/records"), run.folder("data/clean/edits")
    chosen = tuple(name for name, wanted in rules.items() if wanted)
    patches: list[dict[str, Patch]] = [{} for _ in range(buckets)]
    for patch in each_patch(run.input("data/patches")):
        patches[bucket_of(patch.row_id, buckets)][patch.row_id] = patch
    tasks = [Task(n, Path("data/normalize/records"), records, edits, chosen, patches[n]) for n in range(buckets)]
    rows, counts, held = 0, Counter[tuple[str, str]](), 0
    for found, edited, patched in map_buckets(clean_bucket, tasks):
        rows, held = rows + found, held + patched
        counts.update(edited)
    by_rule: Counter[str] = Counter()
    for (_, rule), count in counts.items():
        by_rule[rule] += count
    stale = sum(len(patch.edits) for of_bucket in patches for patch in of_bucket.values()) - held
    edits_by_rule = {rule: by_rule[rule] for rule in rules}
    run.metrics({"rows": rows, "edits": edits_by_rule, "patches": {"edits": held, "stale": stale}})
    run.plot("edits", ["source", "rule", "edits"], [[*key, counts[key]] for key in sorted(counts)])


if __name__ == "__main__":
    main()
