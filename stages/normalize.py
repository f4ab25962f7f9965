"""Stage ``normalize``: every source's raw files to records."""

from typing import Any

import click

from winnow.harness.settings import Run, stage


@stage("normalize", shared=("buckets", "sources"))
@click.option("--max-file-bytes", type=click.IntRange(1), required=True, help="Bytes that one raw file may expand to.")
@click.option(
    "--max-unit-chars", type=click.IntRange(1), required=True, help="Characters of JSON text of one raw unit."
)
def main(run: Run, buckets: int, sources: dict[str, Any], max_file_bytes: int, max_unit_chars: int) -> None:
    """Read every source into records; quarantine what cannot be read, with file, line, reason and raw text."""
    from winnow.harness.processes import map_buckets
    from winnow.reading.collect import collect_all
    from winnow.reading.entries import entries
    from winnow.reading.order import NOTES
    from winnow.reading.settle import BucketTask, settle
    from winnow.reading.splits import hold_out
    from winnow.reading.window import Caps
    from winnow.recipes.written import collect_written

    listed, caps = entries(sources), Caps(max_file_bytes, max_unit_chars)
    files = [(entry, file) for entry in listed for file in entry.files(run.input("data/raw"))]
    tallies = collect_all(files, run.scratch, buckets, caps)
    written = [entry for entry in listed if entry.plan]
    plans, ledger = run.input("data/plans"), run.input("data/ledger/propose")
    tallies |= collect_written(written, plans, ledger, run.scratch, buckets, caps)
    for name, tally in sorted(tallies.items()):
        tally.check(name)
        tally.check_rows(name)

    folders = [run.folder(f"data/normalize/{name}") for name in ("records", "places", "left_out")]
    unsplit = frozenset(name for name, tally in tallies.items() if not tally.of_files and not hold_out(tally.splits))
    settled = map_buckets(settle, [BucketTask(n, run.scratch, *folders, unsplit=unsplit) for n in range(buckets)])
    total = sum(settled)
    run.metrics(
        {
            "sources": len(tallies),
            "files": len(files),
            "raw_units": sum(tally.units for tally in tallies.values()),
            "used": sum(tally.used for tally in tallies.values()),
            "skipped": sum(tally.skipped.total() for tally in tallies.values()),
            "quarantined": sum(tally.quarantined.total() for tally in tallies.values()),
            "rows": total,
            **{f"rows_{note}": sum(tally.noted[note] for tally in tallies.values()) for note in sorted(NOTES)},
        }
    )
    rows = []
    for name, tally in sorted(tallies.items()):
        rows.append([name, "used", "", tally.used])
        rows += [[name, "skipped", reason, count] for reason, count in sorted(tally.skipped.items())]
        rows += [[name, "quarantined", reason, count] for reason, count in sorted(tally.quarantined.items())]
    run.plot("units", ["source", "outcome", "reason", "units"], rows)


if __name__ == "__main__":
    main()
