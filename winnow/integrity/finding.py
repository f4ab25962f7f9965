"""A problem that a check names, and the command that fixes it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One problem in one line. ``fix`` says what to run; ``repair`` does it, where it can lose nothing.

    A ``note`` is worth knowing and no fault.
    """

    check: str
    problem: str
    fix: str
    repair: Callable[[], object] | None = None
    note: bool = False

    def line(self) -> str:
        """Return the finding as it is printed."""
        return f"{'note: ' * self.note}{self.check}: {self.problem}; {self.fix}"
