"""Stage ``annotate``: what is true of each clean row."""

from collections import Counter
from pathlib import Path

import click

from stages.harness.settings import Run, stage


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
    help="Share of rows on which langdetect is asked too; the agreement is published.",
)
def main(run: Run, buckets: int, seed: int, cjk_weight: float, audit_share: float) -> None:
    """State the facts of every row: language, language-aware lengths, turns, the key of its opening prompt."""
    from stages.facts.rows import Task, annotate_bucket
    from stages.harness.processes import map_buckets

    folder = run.folder("data/annotate")
    tasks = [
        Task(bucket, Path("data/clean/records"), folder, cjk_weight, audit_share, seed) for bucket in range(buckets)
    ]
    counts: Counter[tuple[str, ...]] = Counter()
    for found in map_buckets(annotate_bucket, tasks):
        counts.update(found)
    languages: Counter[str] = Counter()
    for (kind, *key), count in counts.items():
        if kind == "source":
            languages[key[1]] += count
    audited = counts[("audited",)]
    run.metrics(
        {
            "rows": languages.total(),
            "est_tokens": counts[("tokens",)],
            "languages": len(languages),
            "language": {code: count for code, count in languages.items() if code in ("en", "zh", "und")},
            "audit": {"rows": audited, "agreement": counts[("agreed",)] / audited if audited else 1.0},
        }
    )
    rows = sorted([*key, count] for (kind, *key), count in counts.items() if kind == "source")
    run.plot("languages", ["source", "language", "rows"], rows)


if __name__ == "__main__":
    main()
