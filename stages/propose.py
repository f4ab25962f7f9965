"""Stage ``propose``: what became of the rows that models wrote, and what is to be asked next."""

from typing import Any

import click

from winnow.harness.options import MAP
from winnow.harness.settings import Run, stage


@stage("propose", shared=("buckets", "seed", "sources"))
@click.option(
    "--plans", type=MAP, required=True, help="Plans by name: recipe, model, target, output_terms, seeds and bounds."
)
def main(run: Run, buckets: int, seed: int, sources: dict[str, Any], plans: dict[str, Any]) -> None:
    """Account for every slot of every round, and list the next round of each plan. Opens no connection.

    `winnow ask propose` freezes a round that is listed here when it buys the first reply of it.
    """
    from winnow.growing.outcomes import gates_to_accept
    from winnow.growing.stage import (
        ROUNDS_HEADER,
        SLOTS_HEADER,
        Tables,
        metrics,
        propose,
        rounds_plot,
        slots_plot,
    )
    from winnow.reading.planned import plans_of

    tables = Tables(
        normalized=run.input("data/normalize/records"),
        records=run.input("data/clean/records"),
        facts=run.input("data/annotate"),
        gates={gate: run.input(f"data/{gate}") for gate in gates_to_accept()},
        ledger=run.input("data/ledger/propose"),
        plans=run.input("data/plans"),
        recipes=run.input("data/recipes"),
    )
    states = propose(plans, plans_of(sources), seed, buckets, tables, run.folder("data/propose"))
    run.metrics(metrics(states))
    run.plot("slots", SLOTS_HEADER, slots_plot(states))
    run.plot("rounds", ROUNDS_HEADER, rounds_plot(states))


if __name__ == "__main__":
    main()
