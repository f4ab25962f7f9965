"""Stage ``neighbours``: rows that are equal, or nearly."""

from collections import Counter

import click

from winnow.harness.options import LIST
from winnow.harness.settings import Run, stage


@stage("neighbours", shared=("buckets", "deduplicate.fold_scripts"))
@click.option(
    "--floor",
    type=click.FloatRange(0.5, 1),
    required=True,
    help="Jaccard similarity from which a pair is kept as a fact; deduplicate may use any limit above it.",
)
@click.option(
    "--response-tokens",
    type=click.IntRange(1),
    required=True,
    help="Tokens from which one reply to several prompts is a fact; short ones (positive, 42) may well recur.",
)
@click.option(
    "--stock-systems",
    type=LIST,
    required=True,
    help="System prompts that say nothing of the task: with one of them a row is the same as without.",
)
@click.option(
    "--semantic",
    type=click.Choice(["off", "tfidf", "embed"]),
    required=True,
    help="Vectors that find rows of the same meaning in other words: hashed TF-IDF, or a local model's.",
)
@click.option(
    "--semantic-floor", type=click.FloatRange(0.5, 1), required=True, help="Cosine from which a semantic link is kept."
)
@click.option(
    "--semantic-links", type=click.IntRange(1, 1000), required=True, help="Best semantic links that a row may have."
)
@click.option(
    "--semantic-model",
    required=True,
    help="Local folder of a model2vec or sentence-transformers model, for semantic: embed; nothing is downloaded.",
)
def main(  # noqa: PLR0913, PLR0917 - one argument for each setting
    run: Run,
    buckets: int,
    deduplicate_fold_scripts: bool,
    floor: float,
    response_tokens: int,
    stock_systems: list[str],
    semantic: str,
    semantic_floor: float,
    semantic_links: int,
    semantic_model: str,
) -> None:
    """Find rows of equal text, prompt or reply, verified near-duplicates (MinHash) and, on request, similar ones."""
    from winnow.similarity.neighbours import find_neighbours
    from winnow.similarity.ranked import Semantic
    from winnow.similarity.sketches import Task
    from winnow.storage.tables import write_bucketed

    records = run.input("data/clean/records")
    stock = tuple(stock_systems)
    tasks = [
        Task(bucket, records, run.scratch, response_tokens, stock, deduplicate_fold_scripts)
        for bucket in range(buckets)
    ]
    search = Semantic(semantic, semantic_floor, semantic_links, semantic_model) if semantic != "off" else None
    table, sketches, counts = find_neighbours(tasks, floor, search)
    write_bucketed(run.folder("data/neighbours/links"), table, buckets)
    write_bucketed(run.folder("data/neighbours/sketches"), sketches, buckets)
    run.metrics(counts)
    links: Counter[tuple[str, str]] = Counter()
    for relation, similarity in zip(table["relation"].to_pylist(), table["similarity"].to_pylist(), strict=True):
        links[relation, f"{int(similarity * 20) / 20:.2f}"] += 1
    run.plot("similarity", ["relation", "similarity", "links"], [[*key, links[key]] for key in sorted(links)])


if __name__ == "__main__":
    main()
