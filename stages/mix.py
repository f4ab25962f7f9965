"""Stage ``mix``: how much of each source goes into training."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from stages.harness.settings import MAP, Run, stage

if TYPE_CHECKING:
    pass


@stage("mix", shared=("buckets", "seed"))
@click.option(
    "--max-rows", type=MAP, required=True, help="Most rows of a source in train, by source; others are not capped."
)
def main(run: Run, buckets: int, seed: int, max_rows: dict[str, Any]) -> None:
    """Cap sources in the train split; rows stay by the hash of their id, so one more row moves one other at most."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from stages.gates.decisions import PLOT_HEADER, alive, decide, drops_among, write_decisions
    from stages.gates.mixing import over_caps
    from stages.storage.buckets import each_bucket

    for source, cap in max_rows.items():
        if isinstance(cap, bool) or not isinstance(cap, int) or cap < 0:
            raise click.UsageError(f"mix.max_rows.{source} is {cap!r}; it must be a whole number of rows.")
    capped = []
    for table in each_bucket("data/split", buckets, ["row_id", "verdict", "split"]):
        train = table.filter(pc.and_(pc.equal(table["verdict"], "keep"), pc.equal(table["split"], "train")))
        capped += [row_id for row_id in train["row_id"].to_pylist() if row_id.split(":", 1)[0] in max_rows]
    drops = over_caps(capped, [row_id.split(":", 1)[0] for row_id in capped], max_rows, seed)

    def decided() -> Iterator[pa.Table]:
        for ids in alive("data/split", buckets):
            table = decide(ids, drops_among(ids, drops))
            yield table.append_column("repeats", pc.cast(pc.equal(table["verdict"], "keep"), pa.int32()))

    funnel = write_decisions(run.folder("data/mix"), decided(), alive("data/split", buckets))
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
