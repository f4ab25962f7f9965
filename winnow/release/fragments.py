"""One bucket of the release in every format: index, records and facts joined."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.splitting import SPLITS
from winnow.records.schema import RELEASE
from winnow.release.formats import FORMATS
from winnow.release.index import read_index
from winnow.release.pairs import Rejected, with_rejected
from winnow.storage.buckets import each_batch, positions, read_bucket


@dataclass(frozen=True)
class Task:
    """One bucket, its tables, the formats wanted, where the fragments go, and the rejected replies of rows that became
    pairs.
    """

    bucket: int
    index: Path
    records: Path
    facts: Path
    formats: tuple[str, ...]
    sft_from_preference: bool
    scratch: Path
    rejected: Rejected = field(default_factory=dict)

    def paths(self, name: str, split: str) -> list[Path]:
        """Return the fragments of one format and split, in the order of their rows."""
        return sorted((self.scratch / name / split).glob(f"{self.bucket:03d}-*"))


@dataclass
class Written:
    """What was written of one bucket: rows by format and split, released rows by language, and the rows that a format
    has no place for by format and reason.
    """

    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)


def released(task: Task) -> Iterator[pa.Table]:
    """Yield the released rows of one bucket with ``split`` and ``paired``, in the RELEASE schema otherwise, in batches.

    ``paired`` rows came as SFT rows and go as preference rows, with the replies that were rejected.
    """
    index = read_index(task.index, task.bucket, ["row_id", "status", "split", "repeats"])
    index = index.filter(pc.equal(index["status"], "in"))
    facts = read_bucket(task.facts, task.bucket, ["row_id", "language"])
    for records in each_batch(task.records, task.bucket):
        at = positions(records["row_id"], index["row_id"])
        inside = at >= 0
        chosen = index.take(pa.array(at[inside]))
        records, paired = with_rejected(records.filter(pa.array(inside)), task.rejected)
        language = facts["language"].take(pa.array(positions(records["row_id"], facts["row_id"])))
        added = {"language": language, "repeats": chosen["repeats"], "split": chosen["split"], "paired": paired}
        for name, column in added.items():
            records = records.append_column(name, column)
        yield records


def write_fragments(task: Task) -> Written:
    """Write the fragments of one bucket."""
    written = Written()
    for number, rows in enumerate(released(task)):
        written.languages.update(rows["language"].to_pylist())
        for split in SPLITS:
            of_split = rows.filter(pc.equal(rows["split"], split))
            for name in task.formats:
                kinds = set(FORMATS[name].KINDS)
                if task.sft_from_preference and "sft" in kinds:
                    kinds.add("preference")
                wanted = pc.is_in(of_split["kind"], pa.array(sorted(kinds)))
                if "sft" in kinds:  # their replies were taught before they were compared
                    wanted = pc.or_(wanted, of_split["paired"])
                chosen = of_split.filter(wanted).select(RELEASE.names)
                path = task.scratch / name / split / f"{task.bucket:03d}-{number:04d}"
                left_out: Counter[str] = Counter()
                written.rows[name, split] += FORMATS[name].fragment(chosen, path, left_out)
                written.left_out.update({(name, reason): count for reason, count in left_out.items()})
    return written
