"""One bucket of the release in every format: index, records and facts joined."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from stages.gates.splitting import SPLITS
from stages.records.schema import RELEASE
from stages.release.formats import FORMATS
from stages.release.index import read_index
from stages.storage.buckets import positions, read_bucket


@dataclass(frozen=True)
class Task:
    """One bucket, the formats wanted, and where the fragments go."""

    bucket: int
    formats: tuple[str, ...]
    sft_from_preference: bool
    scratch: Path

    def path(self, name: str, split: str) -> Path:
        """Return where the fragment of one format and split lies."""
        return self.scratch / name / split / f"{self.bucket:03d}"


def released(bucket: int) -> pa.Table:
    """Return the released rows of one bucket with ``split``, in the RELEASE schema otherwise."""
    index = read_index(bucket, ["row_id", "status", "split", "repeats"])
    index = index.filter(pc.equal(index["status"], "in"))
    records = read_bucket("data/clean/records", bucket)
    facts = read_bucket("data/annotate", bucket, ["row_id", "language"])
    records = records.take(pa.array(positions(index["row_id"], records["row_id"])))
    language = facts["language"].take(pa.array(positions(index["row_id"], facts["row_id"])))
    for name, column in (("language", language), ("repeats", index["repeats"]), ("split", index["split"])):
        records = records.append_column(name, column)
    return records


def write_fragments(task: Task) -> dict[tuple[str, str], int]:
    """Write the fragments of one bucket; return the rows written by format and split."""
    rows = released(task.bucket)
    counts = {}
    for split in SPLITS:
        of_split = rows.filter(pc.equal(rows["split"], split)).select(RELEASE.names)
        for name in task.formats:
            kinds = set(FORMATS[name].KINDS)
            if task.sft_from_preference and "sft" in kinds:
                kinds.add("preference")
            chosen = of_split.filter(pc.is_in(of_split["kind"], pa.array(sorted(kinds))))
            counts[name, split] = FORMATS[name].fragment(chosen, task.path(name, split))
    return counts
