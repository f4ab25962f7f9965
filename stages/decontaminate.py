"""Stage ``decontaminate``: no benchmark item in the release."""

import click

from winnow.harness.settings import Run, stage


@stage("decontaminate", shared=("buckets",))
@click.option(
    "--max-overlap",
    type=click.FloatRange(0, 1),
    required=True,
    help="Share of a benchmark item's tokens that a row may hold; above it the row is dropped (Tülu 3: 0.5).",
)
def main(run: Run, buckets: int, max_overlap: float) -> None:
    """Drop rows that hold more of a benchmark item than the limit; the decision names the item."""
    from winnow.gates.contamination import contaminated
    from winnow.gates.decisions import PLOT_HEADER, alive, check_limit, decide, write_decisions
    from winnow.storage.buckets import each_bucket

    check_limit("decontaminate.max_overlap", max_overlap, "overlaps.floor")
    overlaps = each_bucket("data/overlaps", buckets)
    funnel = write_decisions(
        run.folder("data/decontaminate"),
        (
            decide(ids, contaminated(ids, found, max_overlap))
            for ids, found in zip(alive("data/deduplicate", buckets), overlaps, strict=True)
        ),
        alive("data/deduplicate", buckets),
    )
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
