"""What a run counts, and the lines it ends with."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from winnow.asking.prices import dollars
from winnow.ledger.line import Reply

if TYPE_CHECKING:
    from winnow.asking.budget import Budget


@dataclass
class Tally:
    """Counts of a run: finished replies by status (``canaries`` of them), faults by kind, attempts, requests given up.

    ``assumed`` tokens are those of attempts whose usage is unknown: each counts as the most that was possible.
    """

    replies: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    canaries: int = 0
    attempts: int = 0
    unanswered: int = 0
    prompt: int = 0
    completion: int = 0
    assumed: int = 0

    @property
    def finished(self) -> int:
        """Return how many replies were kept."""
        return self.replies.total()

    def add(self, reply: Reply, canary: bool = False) -> None:
        """Count a reply that was kept."""
        self.canaries += canary
        self.replies[reply.status] += 1
        if reply.model:
            self.models[reply.model] += 1


def counted(counts: Counter[str]) -> str:
    """Return counts as text, the largest first.

    >>> counted(Counter(ok=1200, cut=3))
    '1,200 ok, 3 cut'
    """
    return ", ".join(f"{n:,} {name}" for name, n in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def summary(tally: Tally, budget: "Budget", left: int, priced: bool) -> list[str]:
    """Return the last lines of a run; ``left`` requests have no reply yet, ``priced``: every model has a price."""
    lines = [f"replies: {counted(tally.replies) or 'none'}"]
    if tally.models:
        lines.append(f"models: {counted(tally.models)}")
    if tally.faults:
        lines.append(f"faults: {counted(tally.faults)}")
    assumed = f"; {tally.assumed:,} more at most, for attempts whose use is unknown" if tally.assumed else ""
    lines.append(f"attempts: {tally.attempts:,}")
    lines.append(f"tokens: {tally.prompt:,} of prompts, {tally.completion:,} of replies{assumed}")
    lines.append(f"cost: {dollars(budget.cost)} by data/prices.yaml" if priced else "cost: unknown price")
    if budget.passed:
        lines.append(f"warning: {budget.passed}")
    lines.append(f"left: {left:,}")
    return lines
