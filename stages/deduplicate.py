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
    import pyarrow.compute as pc

    from stages.gates.decisions import PLOT_HEADER, alive, check_limit, decide, drops_among, sources_of, write_decisions
    from stages.gates.duplicates import duplicates, linked_rows, neighbourhood
    from stages.storage.buckets import read_all

    check_limit("deduplicate.near_similarity", near_similarity, "neighbours.floor")
    neighbours = read_all("data/neighbours", buckets)
    linked = linked_rows(neighbours, near_similarity)
    living = np.zeros(len(linked), bool)
    for ids in alive("data/filter", buckets):
        living |= pc.is_in(linked, value_set=ids).to_numpy(zero_copy_only=False)
    places = {source: place for place, source in enumerate(prefer_sources)}
    preference = np.array([places.get(source, len(places)) for source in sources_of(linked)], np.int64)
    rank = preference * len(linked) + np.arange(len(linked))
    found = duplicates(neighbourhood(linked, neighbours, near_similarity), rank, living, near_similarity)
    drops = {linked[position].as_py(): drop for position, drop in found.items()}
    funnel = write_decisions(
        run.folder("data/deduplicate"),
        (decide(ids, drops_among(ids, drops)) for ids in alive("data/filter", buckets)),
        alive("data/filter", buckets),
    )
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
