"""Stage ``accept``: of the rows that models wrote, those that are sound and new, up to the target of their plan."""

from typing import TYPE_CHECKING, Any

import click

from winnow.gates.written import RULES
from winnow.harness.options import RangeOrOff, options
from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    import pyarrow as pa


@stage("accept", shared=("buckets", "novelty.floor", "propose.plans"))
@options(
    click.option(
        f"--{rule.name.replace('_', '-')}",
        type=click.BOOL if rule.default is True else RangeOrOff(0),
        required=True,
        help=rule.about,
    )
    for rule in RULES
)
@click.option(
    "--novelty",
    type=RangeOrOff(0, 1),
    required=True,
    help="ROUGE-L from which an instruction is not new beside a row that stays, or a test item; or off. At least "
    "novelty.floor.",
)
def main(
    run: Run,
    buckets: int,
    novelty_floor: float,
    propose_plans: dict[str, Any],
    novelty: float,
    **limits: float | bool,
) -> None:
    """Drop rows that models wrote and that break a rule, are not new, or are beyond their plan's target.

    Rows of other origin pass. The order is that of rounds, then of ids: neither workers nor replies that came late
    change what is accepted.
    """
    from winnow.gates.accepting import accepted
    from winnow.gates.chain import before
    from winnow.gates.decisions import PLOT_HEADER, alive, check_limit, decide, drops_among, write_decisions
    from winnow.storage.buckets import read_all

    if novelty:
        check_limit("accept.novelty", novelty, "novelty.floor", novelty_floor)
    entered = run.input(f"data/{before('accept')}")
    candidates, checks, pairs = (
        read_all(run.input(f"data/novelty/{name}"), buckets) for name in ("candidates", "checks", "pairs")
    )
    targets = {str(name): plan["target"] for name, plan in propose_plans.items()}
    drops = {}
    if len(candidates):
        drops = accepted(candidates, checks, pairs, alive(entered, buckets), limits, novelty, targets)

    def decisions(_: int, row_ids: "pa.Array") -> "pa.Table":
        return decide(row_ids, drops_among(row_ids, drops))

    funnel = write_decisions(run.folder("data/accept"), alive(entered, buckets), decisions)
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
