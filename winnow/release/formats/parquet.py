"""Parquet: the form that loses nothing, one row per record whatever its kind; ``repeats`` says how often to draw it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from winnow.records.schema import RELEASE
from winnow.storage.parquet import TableWriter, read_table, write_table

EXTENSION = "parquet"
KINDS = frozenset({"sft", "preference", "feedback"})


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the released rows of one bucket; return their number."""
    write_table(path, table, RELEASE)
    return len(table)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    with TableWriter(path, RELEASE) as writer:
        for one in fragments:
            writer.write(read_table(one))
