"""Stage ``overlaps``: rows that hold items of a test set."""

from collections import Counter
from typing import Any

import click

from winnow.harness.options import MAP
from winnow.harness.settings import Run, stage


@stage("overlaps", shared=("buckets",))
@click.option("--benchmarks", type=MAP, required=True, help="Test sets by name: path, text field, items key, id field.")
@click.option(
    "--ngram", type=click.IntRange(2), required=True, help="Tokens of a run that counts as shared (Tülu 3: 8)."
)
@click.option(
    "--floor",
    type=click.FloatRange(0, 1),
    required=True,
    help="Share of an item from which an overlap is kept as a fact; decontaminate may use any limit above it.",
)
@click.option(
    "--semantic",
    type=click.Choice(["off", "tfidf", "embed"]),
    required=True,
    help="Vectors that find prompts which say an item in other words: TF-IDF, or a local model's.",
)
@click.option(
    "--semantic-floor", type=click.FloatRange(0, 1), required=True, help="Cosine from which such a prompt is a fact."
)
@click.option(
    "--semantic-model",
    required=True,
    help="Local folder of a model2vec or sentence-transformers model, for semantic: embed; nothing is downloaded.",
)
def main(
    run: Run,
    buckets: int,
    benchmarks: dict[str, Any],
    ngram: int,
    floor: float,
    semantic: str,
    semantic_floor: float,
    semantic_model: str,
) -> None:
    """Measure how much of each test item stands in each row, side by side."""
    from winnow.harness.processes import map_buckets
    from winnow.reading.benchmarks import read_benchmarks
    from winnow.similarity.alike import meaning_of
    from winnow.similarity.items import prepare
    from winnow.similarity.overlap import Task, overlap_bucket

    named = read_benchmarks(benchmarks, run.input("data/benchmarks"))
    items = prepare(named, ngram, floor)
    records, folder = run.input("data/clean/records"), run.folder("data/overlaps")
    meaning = None
    if semantic != "off" and items.names:
        texts = ["\n".join([one.question, *one.options]) for name in sorted(named) for one in named[name].items]
        meaning = meaning_of(texts, semantic, semantic_floor, semantic_model)
    tasks = [Task(bucket, records, folder, items, floor, meaning) for bucket in range(buckets)]
    rows, overlapping = 0, Counter[str]()
    for rows_of_bucket, by_benchmark in map_buckets(overlap_bucket, tasks):
        rows += rows_of_bucket
        overlapping.update(by_benchmark)
    run.metrics({"rows": rows, "items": len(items.names), "overlapping": {name: overlapping[name] for name in named}})
    lines = [
        [name, one.title, one.license, "demo" if one.demo else "public", len(one.items), overlapping[name]]
        for name, one in named.items()
    ]
    run.plot("benchmarks", ["benchmark", "title", "license", "kind", "items", "rows"], lines)


if __name__ == "__main__":
    main()
