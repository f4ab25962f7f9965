"""Stage ``split``: train, validation and test by the content of each row."""

from typing import TYPE_CHECKING

import click

from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    import pyarrow as pa


@stage("split", shared=("buckets", "seed", "neighbours.floor"))
@click.option("--validation", type=click.FloatRange(0, 1), required=True, help="Share of split keys in validation.")
@click.option("--test", type=click.FloatRange(0, 1), required=True, help="Share of split keys in test.")
@click.option(
    "--near-similarity",
    type=click.FloatRange(0.5, 1),
    required=True,
    help="A validation or test row is dropped whose text or prompt is this near to a train row's; at least "
    "neighbours.floor.",
)
def main(
    run: Run,
    buckets: int,
    seed: int,
    neighbours_floor: float,
    validation: float,
    test: float,
    near_similarity: float,
) -> None:
    """Assign splits, a source's own before all others; drop validation and test rows that are near a train row."""
    from collections import Counter

    import numpy as np
    import pyarrow as pa

    from winnow.gates.chain import before
    from winnow.gates.decisions import PLOT_HEADER, alive, check_limit, decide, drops_among, rows_of, write_decisions
    from winnow.gates.duplicates import rows_linked
    from winnow.gates.families import joined
    from winnow.gates.splitting import LEAKS, SPLITS, asked_in_train, assign, honour, near_train, with_splits
    from winnow.storage.buckets import positions, read_all, read_bucket

    if validation + test >= 1:
        raise click.UsageError("split.validation and split.test leave nothing for train.")
    check_limit("split.near_similarity", near_similarity, "neighbours.floor", neighbours_floor)
    records = run.input("data/clean/records")
    annotate, entered = run.input("data/annotate"), run.input(f"data/{before('split')}")
    neighbours = read_all(run.input("data/neighbours/links"), buckets)
    order = [("exact", 1.0), ("prompt", 1.0), *((relation, near_similarity) for relation in LEAKS)]
    linked = rows_linked(neighbours, order)
    split_of_linked = np.full(len(linked), None, dtype=object)
    splits, keyed, any_own = [], [], False
    for bucket, row_ids in enumerate(alive(entered, buckets)):
        keys = rows_of(row_ids, read_bucket(annotate, bucket, ["row_id", "split_key"]))
        about = rows_of(row_ids, read_bucket(records, bucket, ["row_id", "own_split", "group", "parents"]))
        keys, own = joined(keys, about, annotate, records, buckets)
        any_own = any_own or own.null_count < len(own)
        splits.append(honour(assign(keys["split_key"].to_pylist(), seed, validation, test), own))
        keyed.append(keys.append_column("split", pa.array(splits[-1], pa.string())))
        at = positions(linked, row_ids)
        split_of_linked[at >= 0] = splits[-1][at[at >= 0]]
    drops = asked_in_train(pa.concat_tables(keyed), near_similarity) if any_own else {}
    near = near_train(linked, neighbours, split_of_linked, near_similarity)
    drops |= {linked[position].as_py(): drop for position, drop in near.items()}
    rows = Counter(dict.fromkeys(SPLITS, 0))

    def decisions(bucket: int, row_ids: "pa.Array") -> "pa.Table":
        dropped = drops_among(row_ids, drops)
        rows.update(np.delete(splits[bucket], list(dropped)).tolist())
        return with_splits(decide(row_ids, dropped), splits[bucket].tolist())

    funnel = write_decisions(run.folder("data/split"), alive(entered, buckets), decisions)
    run.metrics({**funnel.metrics(), "rows": dict(rows)})
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
