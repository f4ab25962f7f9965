"""Stage ``annotate``: the facts of each clean row."""

from collections import Counter, defaultdict

import click

from winnow.harness.settings import Run, stage

TAGS = ("task", "domain", "difficulty", "form")


@stage("annotate", shared=("buckets", "seed"))
@click.option(
    "--cjk-weight",
    type=click.FloatRange(1),
    required=True,
    help="Latin characters that one Chinese, Japanese or Korean character counts in lengths.",
)
@click.option(
    "--audit-share",
    type=click.FloatRange(0, 1),
    required=True,
    help="Share of rows on which langdetect runs too; the metrics have the agreement.",
)
@click.option(
    "--trust-source/--own-task-types",
    required=True,
    help="Whether the source's own category (winnow/facts/lexicon/categories.yaml) wins over the rules' task type.",
)
@click.option(
    "--tokenizer-path",
    required=True,
    help="A tokenizer.json for exact token counts (extra `tokenizer`); empty for the estimate alone.",
)
@click.option(
    "--tag-model",
    required=True,
    help="Learned tagger, a file of data/models without its ending (winnow train-tags); empty for the lexicons alone.",
)
def main(
    run: Run,
    buckets: int,
    seed: int,
    cjk_weight: float,
    audit_share: float,
    trust_source: bool,
    tokenizer_path: str,
    tag_model: str,
) -> None:
    """Compute the facts of every row: language, lengths, statistics, flags, task type, domain, difficulty, form."""
    from winnow.facts.rows import Task, annotate_bucket, load_lexicons
    from winnow.facts.subject import Settings
    from winnow.harness.processes import map_buckets

    records, facts = run.input("data/clean/records"), run.folder("data/annotate")
    models = run.input("data/models")
    tagger = str(models / f"{tag_model}.parquet") if tag_model else ""
    settings = Settings(cjk_weight, audit_share, seed, trust_source, tokenizer_path, tagger)
    load_lexicons(settings)
    counts: Counter[tuple[str, ...]] = Counter()
    for of_bucket in map_buckets(annotate_bucket, [Task(n, records, facts, settings) for n in range(buckets)]):
        counts.update(of_bucket)
    by_value: dict[str, Counter[str]] = defaultdict(Counter)
    for (column, *key), count in counts.items():
        if key:
            by_value[column][key[1]] += count
    languages, audited = by_value["language"], counts[("audited",)]
    run.metrics(
        {
            "rows": languages.total(),
            "est_tokens": counts[("tokens",)],
            "languages": len(languages),
            "language": {code: count for code, count in languages.items() if code in ("en", "zh", "und")},
            "flagged": counts[("flagged",)],
            "audit": {"rows": audited, "agreement": counts[("agreed",)] / audited if audited else 1.0},
        }
    )
    for name, column in (("languages", "language"), ("flags", "flag")):
        rows = [[*key, count] for (kind, *key), count in sorted(counts.items()) if kind == column]
        run.plot(name, ["source", column, "rows"], rows)
    tags = [[*key, count] for key, count in sorted(counts.items()) if key[0] in TAGS]
    run.plot("tags", ["tag", "source", "value", "rows"], tags)


if __name__ == "__main__":
    main()
