"""Where the things of a stage that asks a model are: the one place that knows the names."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self

LEDGER = "data/ledger"
"""Below it each stage's replies, in a folder that has the stage's name."""
JOURNALS = "data/.ask"
"""Journals of runs of ``winnow ask`` and damaged files: of this folder alone, in neither Git nor DVC."""

Locate = Callable[[str], Path]
"""From a path in the repository to the path to read: ``run.input`` in a stage, ``Path`` in a command."""


class Folders(NamedTuple):
    """What a stage reads, the two tables that it writes, and the receipt of its last run."""

    records: Path
    annotations: Path
    decisions: Path
    """Verdicts of the gate before the stage: they say which rows are alive."""
    filter: Path
    """Verdicts of the gate that takes rows down."""
    ledger: Path
    facts: Path
    pending: Path
    receipt: Path

    @classmethod
    def of(cls, stage: str, read: Locate = Path, write: Locate = Path) -> Self:
        """Return the folders of a stage; ``read`` and ``write`` say where its inputs and outputs are.

        >>> Folders.of("judge").ledger.as_posix()
        'data/ledger/judge'
        """
        inputs = ("data/clean/records", "data/annotate", "data/decontaminate", "data/filter", f"{LEDGER}/{stage}")
        records, annotations, decisions, filter_, ledger = map(read, inputs)
        facts, pending = write(f"data/{stage}/facts"), write(f"data/{stage}/pending")
        receipt = Path(f"data/receipts/{stage}.json")
        return cls(records, annotations, decisions, filter_, ledger, facts, pending, receipt)
