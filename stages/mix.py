"""Stage ``mix``: how much of each source goes into training."""

from typing import Any

import click

from stages.harness.settings import MAP, Run, stage


@stage("mix", shared=("buckets", "seed"))
@click.option(
    "--max-rows", type=MAP, required=True, help="Most rows of a source in train, by source; others are not capped."
)
def main(run: Run, buckets: int, seed: int, max_rows: dict[str, Any]) -> None:
    """Cap sources in the train split; rows stay by the hash of their id, so one more row moves one other at most."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from stages.gates.decisions import PLOT_HEADER, decide, sources_of, write_decisions
    from stages.gates.mixing import over_caps
    from stages.storage.buckets import each_bucket

    for source, cap in max_rows.items():
        if isinstance(cap, bool) or not isinstance(cap, int) or cap < 0:
            raise click.UsageError(f"mix.max_rows.{source} is {cap!r}; it must be a whole number of rows.")
    kept = [
        table.filter(pc.equal(table["verdict"], "keep"))
        for table in each_bucket("data/split", buckets, ["row_id", "verdict", "split"])
    ]
    train = pa.concat_tables([table.filter(pc.equal(table["split"], "train")) for table in kept])["row_id"]
    drops = over_caps(train.to_pylist(), sources_of(train), max_rows, seed)
    entered = [table["row_id"].combine_chunks() for table in kept]
    tables = []
    for ids in entered:
        decided = decide(ids, {n: drops[row_id] for n, row_id in enumerate(ids.to_pylist()) if row_id in drops})
        repeats = pc.if_else(pc.equal(decided["verdict"], "keep"), pa.scalar(1, pa.int32()), pa.scalar(0, pa.int32()))
        tables.append(decided.append_column("repeats", repeats))
    funnel = write_decisions(run.folder("data/mix"), tables, entered)
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
