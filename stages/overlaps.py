"""Stage ``overlaps``: rows that hold items of a test set."""

from collections import Counter
from typing import Any

import click

from winnow.harness.options import MAP
from winnow.harness.settings import Run, stage


@stage("overlaps", shared=("buckets",))
@click.option("--benchmarks", type=MAP, required=True, help="Test sets by name: path, text field, items key, id field.")
@click.option(
    "--ngram", type=click.IntRange(2), required=True, help="Tokens of a run that counts as shared (Tülu 3: 8)."
)
@click.option(
    "--floor",
    type=click.FloatRange(0, 1),
    required=True,
    help="Share of an item's tokens from which an overlap is kept as a fact; decontaminate may use any limit above it.",
)
def main(run: Run, buckets: int, benchmarks: dict[str, Any], ngram: int, floor: float) -> None:
    """Measure how much of each benchmark item stands in the user's side of each row."""
    from winnow.harness.processes import map_buckets
    from winnow.reading.benchmarks import read_benchmarks
    from winnow.similarity.overlap import Task, overlap_bucket, prepare

    items = prepare(read_benchmarks(benchmarks, run.input("data/benchmarks")), ngram)
    records, folder = run.input("data/clean/records"), run.folder("data/overlaps")
    tasks = [Task(bucket, records, folder, items, floor) for bucket in range(buckets)]
    rows, overlapping = 0, Counter(dict.fromkeys(sorted(benchmarks), 0))
    for rows_of_bucket, by_benchmark in map_buckets(overlap_bucket, tasks):
        rows += rows_of_bucket
        overlapping.update(by_benchmark)
    run.metrics({"rows": rows, "items": len(items.names), "overlapping": dict(overlapping)})


if __name__ == "__main__":
    main()
