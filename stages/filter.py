"""Stage ``filter``: the first gate, named rules on facts."""

from typing import Any

import click

from stages.harness.settings import Run, stage


@stage("filter", shared=("buckets",))
@click.option(
    "--min-instruction-length",
    type=click.FloatRange(0),
    required=True,
    help="Latin characters that the user's turns must hold together; a CJK character counts annotate.cjk_weight.",
)
@click.option(
    "--min-response-length", type=click.FloatRange(0), required=True, help="Latin characters of the response."
)
@click.option(
    "--max-response-length", type=click.FloatRange(1), required=True, help="Latin characters of the response."
)
@click.option("--max-total-length", type=click.FloatRange(1), required=True, help="Latin characters of the whole row.")
@click.option("--over-long", type=click.Choice(["drop", "keep"]), required=True, help="What becomes of over-long rows.")
def main(run: Run, buckets: int, **limits: Any) -> None:
    """Drop rows that break a rule: empty, too short, too long, a preference without a preferred reply."""
    from stages.gates.decisions import PLOT_HEADER, write_decisions
    from stages.gates.filtering import COLUMNS, judge
    from stages.storage.buckets import each_bucket

    funnel = write_decisions(
        run.folder("data/filter"),
        (judge(facts, limits) for facts in each_bucket("data/annotate", buckets, COLUMNS)),
        each_bucket("data/annotate", buckets, ["row_id"]),
    )
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
