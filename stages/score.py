"""Stage ``score``: what is measured and what models say of a row as one number, and limits on it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from winnow.harness.settings import MAP, Run, stage

if TYPE_CHECKING:
    import pyarrow as pa


class _Limit(click.ParamType):
    """A number, ``false`` for off, or a map from language to either; the plan checks which."""

    name = "limit"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            self.fail(f"{value!r} is neither a number, false nor a map of languages", param, ctx)


@stage("score", shared=("buckets",))
@click.option(
    "--parts",
    type=MAP,
    required=True,
    help='Weights by column: {"response.overall": 2, "mtld": {"weight": 1, "from": 20, "to": 80}}; a column is '
    "<rubric>.<criterion> (from 1 to 10), or a numeric fact with the values that count 0 and 1.",
)
@click.option("--minimum", type=_Limit(), required=True, help="Rows whose score (0 to 1) is lower leave.")
@click.option(
    "--below", type=MAP, required=True, help='Lower limits on single columns: {"response.accuracy": 4}, in their units.'
)
@click.option(
    "--missing",
    type=click.Choice(["ignore", "drop"]),
    required=True,
    help="A row that lacks a part (or a column of --below) though no reply is pending: judged by the rest, or dropped.",
)
def main(run: Run, buckets: int, **settings: Any) -> None:
    """Give each row a score from 0 to 1, the weighted mean of its parts; drop rows that are too low or not yet judged.

    A row that needs a reply which is not in the ledger leaves with the reason pending, whatever --missing says.
    """
    from winnow.gates.decisions import PLOT_HEADER, alive, write_decisions
    from winnow.gates.preferred import numeric_facts
    from winnow.gates.score.columns import columns, criteria
    from winnow.gates.score.plan import check_columns, make_plan
    from winnow.gates.score.scoring import BANDS_HEADER, Tally, judge

    plan = make_plan(**settings)
    facts, judged = "data/annotate", "data/judge/facts"
    check_columns(
        plan,
        numeric_facts(Path(facts)) if plan.facts else (),
        criteria(judged, buckets) if plan.judged else {},
    )
    tally = Tally(plan)

    def decided() -> Iterator["pa.Table"]:
        for bucket, row_ids in enumerate(alive("data/decontaminate", buckets)):
            found = columns(plan, row_ids, bucket, facts, judged)
            decisions = judge(plan, row_ids, found)
            tally.add(found, decisions)
            yield decisions

    funnel = write_decisions(run.folder("data/score"), decided(), alive("data/decontaminate", buckets))
    run.metrics({**funnel.metrics(), **tally.metrics()})
    run.plot("dropped", PLOT_HEADER, funnel.plot())
    run.plot("scores", BANDS_HEADER, tally.plot())


if __name__ == "__main__":
    main()
