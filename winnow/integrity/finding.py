"""A problem that a check names, and the command that fixes it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One problem in one line. ``fix`` says what to run; ``repair`` does it, where it can lose nothing, and says what.

    A ``note`` is worth knowing and no fault. A problem that ``blocks`` is one of data that no stage can write again:
    until it is solved no stage should run, since its outputs may hold the last copy of something.
    """

    check: str
    problem: str
    fix: str
    repair: Callable[[], object] | None = None
    note: bool = False
    blocks: bool = False

    def line(self) -> str:
        """Return the finding as it is printed."""
        return f"{'note: ' * self.note}{self.check}: {self.problem}; {self.fix}"
