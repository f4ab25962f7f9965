"""What a check found, and the command that mends it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One problem in one line; ``fix`` says what to run. ``mend`` does it where nothing can be lost by it.

    A ``note`` is worth knowing and no fault.
    """

    check: str
    problem: str
    fix: str
    mend: Callable[[], object] | None = None
    note: bool = False

    def line(self) -> str:
        """Return the finding as it is printed."""
        return f"{'note: ' * self.note}{self.check}: {self.problem}; {self.fix}"
