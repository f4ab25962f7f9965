"""Stage ``mix``: how much of each kind of row goes into training."""

from typing import TYPE_CHECKING, Any

import click

from winnow.harness.options import LIST, MAP, ROWS
from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    import pyarrow as pa


@stage("mix", shared=("buckets", "seed"))
@click.option(
    "--shares",
    type=MAP,
    required=True,
    help='Target shares of the draws by column, e.g. {"language": {"zh": 0.4}}; columns joined by " x " cross.',
)
@click.option("--total", type=ROWS, help="Rows to draw for train; null for as many as the shares allow.")
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
    "--size-limit", type=ROWS, help="Rows that a value counts at most in its rate (FLAN: 3000); null for all."
)
@click.option(
    "--pick",
    type=click.Choice(["random", "quality"]),
    required=True,
    help="Which rows of a cell stay: sampled by a seeded hash, or best by rank.",
)
@click.option(
    "--pick-by", type=LIST, required=True, help="Facts (or score) that rank rows for quality; - for low first."
)
def main(run: Run, buckets: int, seed: int, **settings: Any) -> None:
    """Draw the train split by caps, target shares and a total; rows of other splits pass.

    What the shares ask for and the rows cannot give is reported, never made up from elsewhere.
    """
    import pyarrow.compute as pc

    from winnow.gates.chain import before
    from winnow.gates.decisions import PLOT_HEADER, alive, rows_of, write_decisions
    from winnow.gates.mix.coverage import coverage, covered
    from winnow.gates.mix.facts import schema_of, train_facts
    from winnow.gates.mix.mixing import TARGETS_HEADER, mix
    from winnow.gates.mix.notes import check_values, named_values, notes
    from winnow.gates.mix.plan import groupable, make_plan
    from winnow.harness.display import say
    from winnow.storage.buckets import each_bucket, read_bucket

    annotate, split, entered = (run.input(f"data/{name}") for name in ("annotate", "split", before("mix")))
    schema = schema_of(annotate)
    plan, over = make_plan(schema, **settings), covered(groupable(schema))
    if named := sorted(named_values(plan)):
        check_values(plan, each_bucket(annotate, buckets, named))
    groups = sorted({*plan.groups, *over})
    facts = train_facts(alive(entered, buckets), split, annotate, run.input("data/score"), groups, plan.ranks)
    drawn, start = mix(facts, plan, seed), 0

    def decisions(bucket: int, row_ids: "pa.Array") -> "pa.Table":
        nonlocal start
        splits = rows_of(row_ids, read_bucket(split, bucket, ["row_id", "split"]))
        train = pc.equal(splits["split"], "train").to_numpy()
        start += int(train.sum())
        return drawn.decisions(row_ids, train, start - int(train.sum()))

    funnel = write_decisions(run.folder("data/mix"), alive(entered, buckets), decisions)
    say(*notes(drawn, plan))
    cells = coverage(drawn.columns, over, drawn.repeats)
    run.metrics({**funnel.metrics(), **drawn.metrics(), "empty_cells": sum(row[-1] == 0 for row in cells)})
    run.plot("dropped", PLOT_HEADER, funnel.plot())
    run.plot("targets", TARGETS_HEADER, drawn.plot())
    run.plot("coverage", [*over, "rows", "draws"], cells)


if __name__ == "__main__":
    main()
