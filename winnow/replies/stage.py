"""A stage that asks a model about rows, as one value: all that a new one has to say.

The room does the rest: options, the choice of rows, pending requests, the look-up of replies, unusable ones, metrics,
``winnow ask`` and what ``winnow why`` shows. ``docs/add/asking-stage.md`` shows a whole stage.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from winnow.ledger.request import Request
from winnow.replies.folders import Folders, Locate
from winnow.replies.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from winnow.replies.pending import Pending

Row = Mapping[str, Any]
"""A record's columns that the stage names, and what ``annotate`` says of it (``language``, say)."""

PENDING, TOO_LONG, OK = "pending", "too_long", "ok"
"""Outcomes of a request; any other is the status of a reply or the code of an :class:`Unusable`."""


class Unusable(Exception):
    """A finished reply that does not say what was asked; its text is the reason code, such as ``unparsed``."""


@dataclass(frozen=True)
class Question:
    """One request about a row: its ``topic`` (one of the stage's), and the sample that tells equal ones apart."""

    topic: str
    sample: int
    request: Request

    def details(self) -> dict[str, Any]:
        """Return what `winnow why` shows of the request beside the reply."""
        return {"sample": self.sample}


class Canary(NamedTuple):
    """A request with a known answer; ``problem(reply, first)`` says what is wrong with a reply.

    ``first`` is the reply of the first session, None in it.
    """

    name: str
    request: Request
    problem: Callable[[str, str | None], str | None]


S = TypeVar("S", bound=Settings)
Q = TypeVar("Q", bound=Question)


class Answer(NamedTuple, Generic[Q]):
    """What came of one question: the value that the stage read where the outcome is ``ok``, and who replied."""

    question: Q
    outcome: str
    value: Any
    model: str


def usable(answers: Iterable[Answer[Q]]) -> list[tuple[Q, Any]]:
    """Return the questions that have a usable reply, each with what it says."""
    return [(one.question, one.value) for one in answers if one.outcome == OK]


def counted(answers: Sequence[Answer[Q]]) -> tuple[int, int]:
    """Return how many answers of one topic are pending and how many unusable; of a row that is too long there is none.

    >>> counted([])
    (0, 1)
    """
    pending = sum(one.outcome == PENDING for one in answers)
    return pending, len(answers) - pending - len(usable(answers)) if answers else 1


def _one_topic(settings: Settings) -> Sequence[str]:
    return ("",)


def _nothing(*_: Any) -> Any:
    return {}


@dataclass(frozen=True)
class Asking(Generic[S, Q]):
    """A stage that asks a model about rows; its functions get the settings first and are functions of a module."""

    name: str
    columns: Sequence[str]
    """Columns of a record that requests are made from."""
    requests: Callable[[S, Row, str], Iterable[Q]]
    """The questions of one topic about a row, perhaps none; raises :class:`~winnow.replies.settings.TooLong`."""
    read: Callable[[S, Q, str], Any]
    """What a reply says; raises :class:`Unusable`."""
    facts: Callable[[S, str, Sequence[Answer[Q]]], Iterable[tuple[Any, ...]]]
    """Facts of one topic about one row, in order: the columns of ``schema`` behind ``row_id``. No answers at all: the
    row was too long."""
    schema: "pa.Schema"
    settings: type[S] = Settings  # type: ignore[assignment]  # of a stage without settings of its own, S is Settings
    """Its class of settings: a subclass of :class:`Settings` where it has more of them."""
    annotations: Sequence[str] = ("language",)
    """Columns of ``data/annotate`` that a row has beside those of its record."""
    canaries: Callable[[S, int], Sequence[Canary]] = _nothing
    """The canaries of a session, whose number goes into their keys."""
    topics: Callable[[S], Sequence[str]] = _one_topic
    """What is asked about each row, in order; a stage that asks one thing has one topic without a name."""
    topic: str = "topic"
    """What a topic is called: a column of ``pending`` and of the plots."""
    tally: Callable[[S, Row, str, Sequence[Answer[Q]], Sequence[tuple[Any, ...]]], Iterable[tuple[str, ...]]] = _nothing
    """What to count of one topic about one row: keys that begin with the name of a plot, or with another word."""
    plots: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Columns of the plots made of ``tally``, the number of rows comes last."""
    metrics: Callable[[S, Mapping[tuple[str, ...], int]], dict[str, Any]] = _nothing
    """Further metrics, of all that was counted (:data:`winnow.replies.numbers.Counts`)."""
    written: Sequence[str] = ()
    """Folders of what people wrote that decides the requests, beside params.yaml."""
    advice: Callable[[str], str | None] = _nothing
    """A sentence on what to change where a server rejects a request with these words."""
    salt: str = "ask"
    """Purpose of the draw of ``share`` (:data:`winnow.records.draw.SALTS`)."""

    def open(self, params: Mapping[str, Any], locate: Locate = Path) -> "Pending[S, Q]":
        """Return what `winnow ask` needs of the stage, by ``params.yaml`` and files where ``locate`` says."""
        from winnow.replies.pending import Pending

        group = {**(params.get(self.name) or {}), "seed": params["seed"]}
        settings, folders = self.settings.of(self.name, group, locate), Folders.of(self.name, locate)
        return Pending(self, settings, folders, int(params["buckets"]))
