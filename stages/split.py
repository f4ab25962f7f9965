"""Stage ``split``: train, validation and test by the content of the opening prompt."""

import click

from stages.harness.settings import Run, stage


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
    import numpy as np
    import pyarrow as pa

    from stages.gates.decisions import PLOT_HEADER, alive, decide, write_decisions
    from stages.gates.duplicates import check_limit, neighbourhood
    from stages.gates.splitting import assign, near_train, with_splits
    from stages.storage.buckets import positions, read_all

    if validation + test >= 1:
        raise click.UsageError("split.validation and split.test leave nothing for train.")
    check_limit("split.near_similarity", near_similarity, "neighbours.floor")
    entered = alive("data/decontaminate", buckets)
    facts = read_all("data/annotate", buckets, ["row_id", "prompt_key"])
    at = positions(pa.concat_arrays(entered), facts["row_id"])
    splits = assign(facts["prompt_key"].take(pa.array(at)).to_pylist(), seed, validation, test)
    found = neighbourhood(facts["row_id"].combine_chunks(), read_all("data/neighbours", buckets), near_similarity)
    drops = near_train(found, at, splits, near_similarity)
    tables, start = [], 0
    for ids in entered:
        here = {n - start: drops[n] for n in range(start, start + len(ids)) if n in drops}
        tables.append(with_splits(decide(ids, here), splits[start : start + len(ids)].tolist()))
        start += len(ids)
    funnel = write_decisions(run.folder("data/split"), tables, entered)
    kept = np.delete(splits, list(drops))
    run.metrics(
        {**funnel.metrics(), "rows": {name: int((kept == name).sum()) for name in ("train", "validation", "test")}}
    )
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
