"""One bucket of the stage ``clean``: patches are applied, then the rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pyarrow as pa

from winnow.cleaning.records import clean_records
from winnow.cleaning.rules import Rule
from winnow.patches.apply import apply
from winnow.patches.digests import matches
from winnow.patches.patch import Patch
from winnow.records.schema import EDITS, MATCHES, RECORDS
from winnow.storage.buckets import each_large_batch, merged, part, read_bucket
from winnow.storage.parquet import TableWriter, write_table


@dataclass(frozen=True)
class Task:
    """One bucket of the ``normalized`` records and of those made from them (``augmented``), the folders of its outputs,
    the rules to apply, its patches by row id, and the patches that drop rows by the digests of texts.
    """

    bucket: int
    normalized: Path
    records: Path
    edits: Path
    matches: Path
    rules: Sequence[Rule]
    patches: Mapping[str, Patch]
    drops: Mapping[str, Patch]
    augmented: Path | None = None


@dataclass
class Cleaned:
    """Counts: rows, edits by (source, rule), and edits of patches that were applied or were there already.

    ``stale`` names the edits of patches that do not fit their field any more, by row and field.
    """

    rows: int = 0
    edits: Counter[tuple[str, str]] = field(default_factory=Counter)
    patched: int = 0
    stale: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Self) -> None:
        """Add the counts of other rows."""
        self.rows += other.rows
        self.edits.update(other.edits)
        self.patched += other.patched
        self.stale += other.stale

    def by_rule(self, rules: Sequence[Rule]) -> dict[str, int]:
        """Return the edits of each rule, over all sources."""
        return {rule.name: sum(n for (_, name), n in self.edits.items() if name == rule.name) for rule in rules}


def clean_bucket(task: Task) -> Cleaned:
    """Patch and clean one bucket, write its records, edits and matches, and return the counts.

    Texts are compared with drops here because only this stage has them as the source wrote them. A row that matches
    stays in the table: ``filter`` drops it, so that every row is accounted for.
    """
    counts = Cleaned()
    dropped: dict[str, str] = {}
    with (
        TableWriter(part(task.records, task.bucket), RECORDS) as records_out,
        TableWriter(part(task.edits, task.bucket), EDITS) as edits_out,
    ):
        made = read_bucket(task.augmented, task.bucket) if task.augmented else RECORDS.empty_table()
        for table in merged(each_large_batch(task.normalized, task.bucket), made):
            patched = apply(table, task.patches)
            dropped |= matches(patched.records, task.drops) | matches(table, task.drops)
            records, edits = clean_records(patched.records, task.rules, patched.edits)
            records_out.write(records)
            edits_out.write(edits)
            sources = [row_id.split(":", 1)[0] for row_id in edits["row_id"].to_pylist()]
            of_edits = Counter(zip(sources, edits["rule"].to_pylist(), strict=True))
            counts.add(Cleaned(len(records), of_edits, len(patched.edits), list(patched.stale)))
    rows = pa.table([list(dropped), list(dropped.values())], schema=MATCHES)
    write_table(part(task.matches, task.bucket), rows.sort_by("row_id"), MATCHES)
    return counts
