"""Stage ``neighbours``: which rows say the same, or nearly."""

from collections import Counter
from pathlib import Path

import click

from stages.harness.settings import Run, stage


@stage("neighbours", shared=("buckets",))
@click.option(
    "--floor",
    type=click.FloatRange(0.5, 1),
    required=True,
    help="Jaccard similarity from which a pair is kept as a fact; deduplicate may use any limit above it.",
)
def main(run: Run, buckets: int, floor: float) -> None:
    """Find exact duplicates and verified near-duplicates among all clean rows (MinHash on mixed 3-token shingles)."""
    from stages.similarity.neighbours import find_neighbours
    from stages.similarity.sketches import Task
    from stages.storage.tables import write_bucketed

    tasks = [Task(bucket, Path("data/clean/records"), run.scratch) for bucket in range(buckets)]
    table, counts = find_neighbours(tasks, floor)
    write_bucketed(run.folder("data/neighbours"), table, buckets)
    run.metrics(counts)
    steps = [f"{int(value * 20) / 20:.2f}" for value in table["similarity"].to_pylist()]
    relations = table["relation"].to_pylist()
    links = Counter(zip(relations, steps, strict=True))
    run.plot("similarity", ["relation", "similarity", "links"], [[*key, links[key]] for key in sorted(links)])


if __name__ == "__main__":
    main()
