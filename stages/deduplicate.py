"""Stage ``deduplicate``: one row of each group of duplicates stays."""

import click

from stages.harness.settings import LIST, Run, stage


@stage("deduplicate", shared=("buckets",))
@click.option(
    "--near-similarity",
    type=click.FloatRange(0.5, 1),
    required=True,
    help="Jaccard similarity from which two rows are near-duplicates; at least neighbours.floor.",
)
@click.option(
    "--prefer-sources",
    type=LIST,
    required=True,
    help="Sources whose rows stay before others', best first; then the smallest row_id stays.",
)
def main(run: Run, buckets: int, near_similarity: float, prefer_sources: list[str]) -> None:
    """Drop exact and near duplicates; the decision names the row that stays and the similarity."""
    import numpy as np
    import pyarrow as pa

    from stages.gates.decisions import PLOT_HEADER, alive, decide, sources_of, write_decisions
    from stages.gates.duplicates import check_limit, duplicates, neighbourhood
    from stages.storage.buckets import each_bucket, positions, read_all

    check_limit("deduplicate.near_similarity", near_similarity, "neighbours.floor")
    entered = alive("data/filter", buckets)
    row_ids = pa.concat_arrays(
        [t["row_id"].combine_chunks() for t in each_bucket("data/annotate", buckets, ["row_id"])]
    )
    living = np.zeros(len(row_ids), bool)
    living[positions(pa.concat_arrays(entered), row_ids)] = True
    places = {source: place for place, source in enumerate(prefer_sources)}
    preference = np.array([places.get(source, len(places)) for source in sources_of(pa.chunked_array([row_ids]))])
    by_id = np.argsort(pa.compute.sort_indices(row_ids).to_numpy())
    found = neighbourhood(row_ids, read_all("data/neighbours", buckets), near_similarity)
    drops = duplicates(found, preference * len(row_ids) + by_id, living, near_similarity)
    by_row = {row_ids[position].as_py(): drop for position, drop in drops.items()}
    tables = [
        decide(ids, {n: by_row[row_id] for n, row_id in enumerate(ids.to_pylist()) if row_id in by_row})
        for ids in entered
    ]
    funnel = write_decisions(run.folder("data/deduplicate"), tables, entered)
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
