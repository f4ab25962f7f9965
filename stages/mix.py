"""Stage ``mix``: how much of each kind of row goes into training."""

from collections.abc import Iterator
from types import NoneType
from typing import TYPE_CHECKING, Any

import click

from winnow.harness.settings import LIST, MAP, Run, Setting, stage

if TYPE_CHECKING:
    import pyarrow as pa


class _Rows(Setting):
    """A whole number of rows, or null for no limit."""

    name = "rows"

    def __init__(self) -> None:
        self.kind = NoneType  # type: ignore[assignment]  # what null becomes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        if value in ("", "null"):
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.fail(f"{value!r} is no whole number of rows above 0; null is no limit", param, ctx)
        return value


@stage("mix", shared=("buckets", "seed"))
@click.option(
    "--shares",
    type=MAP,
    required=True,
    help='Target shares of the draws by column, e.g. {"language": {"zh": 0.4}}; columns joined by " x " cross.',
)
@click.option("--total", type=_Rows(), help="Rows to draw for train; null for as many as the shares allow.")
@click.option("--max-rows", type=MAP, required=True, help="Most rows of a source in train, by source.")
@click.option(
    "--max-rows-per", type=MAP, required=True, help='Most rows of each value of a column, e.g. {"task": 30000} (FLAN).'
)
@click.option("--max-repeats", type=click.IntRange(1), required=True, help="Most times that one row is drawn.")
@click.option(
    "--temperature", type=click.FloatRange(1), required=True, help="T: shares are proportional to rows^(1/T); 1 is off."
)
@click.option("--temperature-over", required=True, help="The column whose values --temperature and --size-limit weigh.")
@click.option(
    "--size-limit", type=_Rows(), help="Rows that a value counts at most in its rate (FLAN: 3000); null for all."
)
@click.option(
    "--pick", type=click.Choice(["random", "quality"]), required=True, help="Which rows of a cell stay: by lot or rank."
)
@click.option(
    "--pick-by", type=LIST, required=True, help="Facts (or score) that rank rows for quality; - for low first."
)
def main(run: Run, buckets: int, seed: int, **settings: Any) -> None:
    """Draw the train split by caps, target shares and a total; rows of other splits pass.

    What the shares ask for and the rows cannot give is reported, never made up from elsewhere.
    """
    import pyarrow.compute as pc

    from winnow.gates.decisions import PLOT_HEADER, alive, write_decisions
    from winnow.gates.mix.coverage import coverage, covered
    from winnow.gates.mix.facts import schema_of, train_facts
    from winnow.gates.mix.mixing import TARGETS_HEADER, mix
    from winnow.gates.mix.plan import groupable, make_plan
    from winnow.storage.buckets import each_bucket

    schema = schema_of("data/annotate")
    plan, over = make_plan(schema, **settings), covered(groupable(schema))
    facts = train_facts("data/split", "data/annotate", buckets, sorted({*plan.groups, *over}), plan.ranks)
    found = mix(facts, plan, seed)

    def decided() -> Iterator["pa.Table"]:
        start = 0
        for table in each_bucket("data/split", buckets, ["row_id", "verdict", "split"]):
            table = table.filter(pc.equal(table["verdict"], "keep"))
            train = pc.equal(table["split"], "train").to_numpy()
            yield found.decisions(table["row_id"], train, start)
            start += int(train.sum())

    funnel = write_decisions(run.folder("data/mix"), decided(), alive("data/split", buckets))
    cells = coverage(found.columns, over, found.repeats)
    run.metrics({**funnel.metrics(), **found.metrics(), "empty_cells": sum(row[-1] == 0 for row in cells)})
    run.plot("dropped", PLOT_HEADER, funnel.plot())
    run.plot("targets", TARGETS_HEADER, found.plot())
    run.plot("coverage", [*over, "rows", "draws"], cells)


if __name__ == "__main__":
    main()
