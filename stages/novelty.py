"""Stage ``novelty``: facts of the rows that models wrote: leaks, what they keep of their parents, how new they are."""

from collections import Counter
from typing import Any

import click

from winnow.harness.settings import Run, stage


@stage("novelty", shared=("buckets", "sources", "overlaps.benchmarks"))
@click.option(
    "--floor",
    type=click.FloatRange(0.3, 1),
    required=True,
    help="ROUGE-L of two instructions from which a pair is kept as a fact; accept.novelty may be any limit above it.",
)
def main(run: Run, buckets: int, sources: dict[str, Any], overlaps_benchmarks: dict[str, Any], floor: float) -> None:
    """Measure every row that a model wrote, whatever the limits; `accept` decides by it."""
    from winnow.candidates.facts import candidates_table, checked, written
    from winnow.candidates.novel import alike
    from winnow.reading.benchmarks import read_benchmarks
    from winnow.reading.planned import plans_of
    from winnow.storage.tables import write_bucketed

    records = run.input("data/clean/records")
    rows = written(records, list(plans_of(sources).values()), run.input("data/plans"), buckets)
    folder = run.input("data/benchmarks")
    tests = read_benchmarks(overlaps_benchmarks, folder) if rows else {}
    items = {name: [(one.name, one.question) for one in test.items] for name, test in tests.items()}
    checks, pairs = checked(rows, records, buckets), alike(rows, records, items, buckets, floor)
    write_bucketed(run.folder("data/novelty/candidates"), candidates_table(rows), buckets)
    write_bucketed(run.folder("data/novelty/checks"), checks, buckets)
    write_bucketed(run.folder("data/novelty/pairs"), pairs, buckets)
    run.metrics({"rows": len(rows), "checks": len(checks), "pairs": len(pairs)})
    methods = Counter((one.recipe.name, one.about.get("operator") or "") for one in rows)
    run.plot("rows", ["method", "operator", "rows"], [[*key, count] for key, count in sorted(methods.items())])


if __name__ == "__main__":
    main()
