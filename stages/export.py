"""Stage ``export``: the files that people train on."""

from collections import Counter
from typing import Any

import click

from winnow.harness.options import LIST
from winnow.harness.settings import Run, stage


@stage("export", shared=("buckets", "sources"))
@click.option("--name", required=True, help="Name of the dataset on its card.")
@click.option(
    "--formats",
    type=LIST,
    required=True,
    help="Formats written, such as parquet, messages; the folder winnow/release/formats has them all.",
)
@click.option(
    "--sft-from-preference/--no-sft-from-preference",
    required=True,
    help="Whether the chosen replies of preference rows join the SFT formats.",
)
def main(
    run: Run, buckets: int, sources: dict[str, Any], name: str, formats: list[str], sft_from_preference: bool
) -> None:
    """Write the release in every format, and its dataset card."""
    from winnow.gates.splitting import SPLITS
    from winnow.harness.metrics import plot_lines, write_text
    from winnow.harness.processes import map_buckets
    from winnow.release.card import card
    from winnow.release.formats import FORMATS
    from winnow.release.formats.llama_factory import dataset_info
    from winnow.release.fragments import Task, write_fragments
    from winnow.release.index import read_index
    from winnow.release.pairs import rejected_replies

    if unknown := sorted(set(formats) - set(FORMATS)):
        raise click.UsageError(f"export.formats names {unknown[0]!r}; there are {', '.join(FORMATS)}.")
    index, records, facts = (run.input(f"data/{name}") for name in ("index.parquet", "clean/records", "annotate"))
    rejected = rejected_replies(buckets, run.input("data/deduplicate"), records)
    tasks = [
        Task(n, index, records, facts, tuple(formats), sft_from_preference, run.scratch, rejected)
        for n in range(buckets)
    ]
    written: Counter[tuple[str, str]] = Counter()
    languages: Counter[str] = Counter()
    left_out: Counter[tuple[str, str]] = Counter()
    for counts in map_buckets(write_fragments, tasks):
        written.update(counts.rows)
        languages.update(counts.languages)
        left_out.update(counts.left_out)
    out = run.folder("data/export")
    for fmt in formats:
        for split in SPLITS:
            if written[fmt, split]:  # an empty file is one that loaders refuse
                path = out / fmt / f"{split}.{FORMATS[fmt].EXTENSION}"
                FORMATS[fmt].join([fragment for task in tasks for fragment in task.paths(fmt, split)], path)
    if info := dataset_info(FORMATS, sorted(file for file, count in written.items() if count), out):
        write_text(out / "dataset_info.json", info)
    rows = read_index(index, columns=["source", "license", "status", "stage", "reason"])
    models = {line["model"]: int(line["replies"]) for line in plot_lines(run.input("metrics/plots/judge/models.csv"))}
    dropped = {
        line["benchmark"]: line["rows"] for line in plot_lines(run.input("metrics/plots/decontaminate/benchmarks.csv"))
    }
    test_sets = [
        {**line, "dropped": dropped.get(line["benchmark"], "0")}
        for line in plot_lines(run.input("metrics/plots/overlaps/benchmarks.csv"))
    ]
    write_text(out / "README.md", card(name, rows, languages, sources, written, models, test_sets))
    run.metrics({fmt: {split: written[fmt, split] for split in SPLITS} for fmt in formats})
    run.plot("left_out", ["format", "reason", "rows"], [[*where, count] for where, count in sorted(left_out.items())])


if __name__ == "__main__":
    main()
