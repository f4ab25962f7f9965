"""Stage ``clean``: mend what can be mended surely, and keep every edit."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from stages.harness.settings import Run, stage


@dataclass(frozen=True)
class Task:
    """One bucket of normalized records and where its clean records and edits go."""

    bucket: int
    normalized: Path
    records: Path
    edits: Path
    rules: tuple[str, ...]


def clean_bucket(task: Task) -> tuple[int, Counter[tuple[str, str]]]:
    """Clean one bucket; return its rows and the number of edits by source and rule."""
    from stages.cleaning.records import clean_records
    from stages.cleaning.rules import RULES
    from stages.records.schema import EDITS, RECORDS
    from stages.storage.buckets import each_batch, part
    from stages.storage.parquet import TableWriter

    rules = [rule for rule in RULES if rule.name in task.rules]
    rows, counts = 0, Counter[tuple[str, str]]()
    with (
        TableWriter(part(task.records, task.bucket), RECORDS) as records_out,
        TableWriter(part(task.edits, task.bucket), EDITS) as edits_out,
    ):
        for table in each_batch(task.normalized, task.bucket):
            records, edits = clean_records(table, rules)
            records_out.write(records)
            edits_out.write(edits)
            rows += len(records)
            sources = [row_id.split(":", 1)[0] for row_id in edits["row_id"].to_pylist()]
            counts.update(zip(sources, edits["rule"].to_pylist(), strict=True))
    return rows, counts


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
    """Mend text by named rules, each with its own switch; every edit is kept with its rule, before and after."""
    from stages.harness.processes import map_buckets

    records, edits = run.folder("data/clean/records"), run.folder("data/clean/edits")
    chosen = tuple(name for name, wanted in rules.items() if wanted)
    tasks = [Task(n, Path("data/normalize/records"), records, edits, chosen) for n in range(buckets)]
    rows, counts = 0, Counter[tuple[str, str]]()
    for found, edited in map_buckets(clean_bucket, tasks):
        rows += found
        counts.update(edited)
    by_rule: Counter[str] = Counter()
    for (_, rule), count in counts.items():
        by_rule[rule] += count
    run.metrics({"rows": rows, "edits": {rule: by_rule[rule] for rule in rules}})
    run.plot("edits", ["source", "rule", "edits"], [[*key, counts[key]] for key in sorted(counts)])


if __name__ == "__main__":
    main()
