"""Stage ``decontaminate``: no benchmark item in the release."""

from typing import TYPE_CHECKING

import click

from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    import pyarrow as pa


@stage("decontaminate", shared=("buckets", "overlaps.floor"))
@click.option(
    "--max-overlap",
    type=click.FloatRange(0, 1),
    required=True,
    help="Share of a benchmark item's tokens that a row may hold; above it the row is dropped (Tülu 3: 0.5).",
)
def main(run: Run, buckets: int, overlaps_floor: float, max_overlap: float) -> None:
    """Drop rows that hold more of a benchmark item than the limit; the decision names the item."""
    from winnow.gates.chain import before
    from winnow.gates.contamination import contaminated
    from winnow.gates.decisions import PLOT_HEADER, alive, check_limit, decide, write_decisions
    from winnow.storage.buckets import read_bucket

    check_limit("decontaminate.max_overlap", max_overlap, "overlaps.floor", overlaps_floor)
    overlaps = run.input("data/overlaps")

    def decisions(bucket: int, row_ids: "pa.Array") -> "pa.Table":
        return decide(row_ids, contaminated(row_ids, read_bucket(overlaps, bucket), max_overlap))

    entered = alive(run.input(f"data/{before('decontaminate')}"), buckets)
    funnel = write_decisions(run.folder("data/decontaminate"), entered, decisions)
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
