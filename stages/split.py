"""Stage ``split``: train, validation and test by the content of the opening prompt."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    pass


@stage("split", shared=("buckets", "seed"))
@click.option(
    "--validation", type=click.FloatRange(0, 1), required=True, help="Share of opening prompts in validation."
)
@click.option("--test", type=click.FloatRange(0, 1), required=True, help="Share of opening prompts in test.")
@click.option(
    "--near-similarity",
    type=click.FloatRange(0.5, 1),
    required=True,
    help="A validation or test row this near to a train row is dropped; at least neighbours.floor.",
)
def main(run: Run, buckets: int, seed: int, validation: float, test: float, near_similarity: float) -> None:
    """Assign splits; drop validation and test rows that are near a train row."""
    from collections import Counter

    import numpy as np
    import pyarrow as pa

    from winnow.gates.decisions import PLOT_HEADER, alive, check_limit, decide, drops_among, write_decisions
    from winnow.gates.duplicates import linked_rows, neighbourhood
    from winnow.gates.splitting import SPLITS, assign, near_train, with_splits
    from winnow.storage.buckets import each_bucket, positions, read_all

    if validation + test >= 1:
        raise click.UsageError("split.validation and split.test leave nothing for train.")
    check_limit("split.near_similarity", near_similarity, "neighbours.floor")
    neighbours = read_all("data/neighbours", buckets)
    linked = linked_rows(neighbours, near_similarity)
    split_of_linked = np.full(len(linked), None, dtype=object)
    splits = []
    facts = each_bucket("data/annotate", buckets, ["row_id", "prompt_key"])
    for ids, keys in zip(alive("data/score", buckets), facts, strict=True):
        prompts = keys["prompt_key"].take(pa.array(positions(ids, keys["row_id"])))
        splits.append(assign(prompts.to_pylist(), seed, validation, test))
        at = positions(linked, ids)
        split_of_linked[at >= 0] = splits[-1][at[at >= 0]]
    living = np.flatnonzero(split_of_linked != None)  # noqa: E711 - element by element
    found = near_train(
        neighbourhood(linked, neighbours, near_similarity), living, split_of_linked[living], near_similarity
    )
    drops = {linked[int(living[n])].as_py(): drop for n, drop in found.items()}
    rows = Counter(dict.fromkeys(SPLITS, 0))

    def decided() -> Iterator[pa.Table]:
        for ids, of_bucket in zip(alive("data/score", buckets), splits, strict=True):
            dropped = drops_among(ids, drops)
            rows.update(np.delete(of_bucket, list(dropped)).tolist())
            yield with_splits(decide(ids, dropped), of_bucket.tolist())

    funnel = write_decisions(run.folder("data/split"), decided(), alive("data/score", buckets))
    run.metrics({**funnel.metrics(), "rows": dict(rows)})
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
