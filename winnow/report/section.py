"""A section of the page: what its template shows, its remarks, metrics and plots."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from winnow.report.inputs import Inputs

MOST = 4  # remarks of one kind


class Plot(NamedTuple):
    """Plot data: ``metrics/plots/report/<name>.csv``."""

    name: str
    header: list[str]
    lines: list[list[Any]]


class Section:
    """A section built from the inputs; the template of its module's name reads its attributes.

    ``title`` is the text of links to the section; the remarks of a ``first`` section stand above those of others.
    """

    title: ClassVar[str]
    first: ClassVar[bool] = False

    def __init__(self, inputs: Inputs) -> None:
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name of the section's module and template."""
        return type(self).__module__.rsplit(".", 1)[-1]

    def remarks(self) -> list[str]:
        """Return sentences on what deserves a look before a release: facts with numbers, no verdicts."""
        return []

    def metrics(self) -> dict[str, int]:
        """Return the section's entries of ``metrics/report.json``."""
        return {}

    def plots(self) -> list[Plot]:
        """Return the section's plot data."""
        return []


def at_most(remarks: Sequence[str], rest: str) -> list[str]:
    """Return up to :data:`MOST` remarks, and ``rest``, with their number put in, for the others.

    >>> at_most(["a", "b", "c", "d", "e", "f"], "{} more.")
    ['a', 'b', 'c', 'd', '2 more.']
    """
    return [*remarks[:MOST], *([rest.format(len(remarks) - MOST)] if len(remarks) > MOST else [])]
