"""Stage ``decontaminate``: no benchmark item in the release."""

from collections import Counter
from typing import TYPE_CHECKING

import click

from winnow.harness.options import RangeOrOff
from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    import pyarrow as pa


@stage("decontaminate", shared=("buckets", "overlaps.floor", "overlaps.semantic", "overlaps.semantic_floor"))
@click.option(
    "--max-overlap",
    type=click.FloatRange(0, 1),
    required=True,
    help="Share of a test item that a row may hold; above it the row is dropped (Tülu 3: 0.5).",
)
@click.option(
    "--max-semantic",
    type=RangeOrOff(0, 1),
    required=True,
    help="Cosine to a test item above which a row is dropped too, or off; at least overlaps.semantic_floor.",
)
def main(
    run: Run,
    buckets: int,
    overlaps_floor: float,
    overlaps_semantic: str | bool,
    overlaps_semantic_floor: float,
    max_overlap: float,
    max_semantic: float,
) -> None:
    """Drop rows that hold more of a test item than the limit; the decision names the item."""
    from winnow.gates.chain import before
    from winnow.gates.contamination import contaminated, rows_by_benchmark, too_much
    from winnow.gates.decisions import PLOT_HEADER, alive, check_limit, decide, write_decisions
    from winnow.storage.buckets import read_bucket

    check_limit("decontaminate.max_overlap", max_overlap, "overlaps.floor", overlaps_floor)
    if max_semantic:
        if overlaps_semantic in ("off", False):
            raise click.UsageError("decontaminate.max_semantic needs overlaps.semantic: tfidf or embed.")
        check_limit("decontaminate.max_semantic", max_semantic, "overlaps.semantic_floor", overlaps_semantic_floor)
    overlaps, by_benchmark = run.input("data/overlaps"), Counter[str]()

    def decisions(bucket: int, row_ids: "pa.Array") -> "pa.Table":
        matches = too_much(row_ids, read_bucket(overlaps, bucket), max_overlap, max_semantic)
        by_benchmark.update(rows_by_benchmark(matches))
        return decide(row_ids, contaminated(row_ids, matches))

    entered = alive(run.input(f"data/{before('decontaminate')}"), buckets)
    funnel = write_decisions(run.folder("data/decontaminate"), entered, decisions)
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())
    run.plot("benchmarks", ["benchmark", "rows"], [list(one) for one in sorted(by_benchmark.items())])


if __name__ == "__main__":
    main()
