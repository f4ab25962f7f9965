"""Stage ``score``: what is measured and what models say of a row as one number, and limits on it."""

from typing import TYPE_CHECKING, Any

import click

from winnow.harness.options import LIMIT, MAP
from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    import pyarrow as pa


@stage("score", shared=("buckets",))
@click.option(
    "--parts",
    type=MAP,
    required=True,
    help='Weights by column: {"response.overall": 2, "mtld": {"weight": 1, "from": 20, "to": 80}}; a column is '
    "<rubric>.<criterion> (from 1 to 10), or a numeric fact with the values that count 0 and 1.",
)
@click.option("--minimum", type=LIMIT, required=True, help="Rows whose score (0 to 1) is lower leave.")
@click.option(
    "--below", type=MAP, required=True, help='Lower limits on single columns: {"response.accuracy": 4}, in their units.'
)
@click.option(
    "--missing",
    type=click.Choice(["ignore", "drop"]),
    required=True,
    help="A row that lacks a part (or a column of --below) though no reply is pending: rated by the rest, or dropped.",
)
def main(run: Run, buckets: int, **settings: Any) -> None:
    """Give each row a score from 0 to 1, the weighted mean of its parts; drop rows that are too low or not yet judged.

    A row that needs a reply which is not in the ledger leaves with the reason pending, whatever --missing says.
    """
    from winnow.gates.chain import before
    from winnow.gates.decisions import PLOT_HEADER, alive, write_decisions
    from winnow.gates.preferred import numeric_facts
    from winnow.gates.score.columns import columns, criteria
    from winnow.gates.score.plan import check_columns, make_plan
    from winnow.gates.score.scoring import BANDS_HEADER, Tally, decide_by_score

    plan = make_plan(**settings)
    facts, judgements = run.input("data/annotate"), run.input("data/judge/facts")
    check_columns(
        plan,
        numeric_facts(facts) if plan.facts else (),
        criteria(judgements, buckets) if plan.judged else {},
    )
    tally = Tally(plan)

    def decisions(bucket: int, row_ids: "pa.Array") -> "pa.Table":
        of_rows = columns(plan, row_ids, bucket, facts, judgements)
        table = decide_by_score(plan, row_ids, of_rows)
        tally.add(of_rows, table)
        return table

    entered = alive(run.input(f"data/{before('score')}"), buckets)
    funnel = write_decisions(run.folder("data/score"), entered, decisions)
    run.metrics({**funnel.metrics(), **tally.metrics()})
    run.plot("dropped", PLOT_HEADER, funnel.plot())
    run.plot("scores", BANDS_HEADER, tally.plot())


if __name__ == "__main__":
    main()
