"""The texts of records, flat: one column of texts for each place where a rule may act, with the row of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.cleaning.row import Parts, Said, Turns

FIELD_OF_ROLE = {"system": "system", "user": "instruction", "assistant": "response"}  # a tool's output stays as it is
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Texts:
    """Texts of one column, with the row of each. ``roles`` are those of the turns; other columns are fields by name."""

    values: pa.Array
    rows: Ints
    paths: "Paths"
    roles: Sequence[str] = ()

    def field(self, at: int) -> str:
        """Return the field of a text: ``system``, ``context``, ``instruction``, ``response``, or nothing."""
        return FIELD_OF_ROLE.get(self.roles[at], "") if self.roles else self.paths.name

    @cached_property
    def _bounds(self) -> list[int]:
        last = int(self.rows[-1]) if len(self.rows) else -1
        return [int(at) for at in np.searchsorted(self.rows, np.arange(last + 2)).tolist()]

    def of_row(self, row: int) -> range:
        """Return the places of the texts of a row."""
        return range(*self._bounds[row : row + 2]) if row + 1 < len(self._bounds) else range(0)

    def fields(self) -> set[str]:
        """Return the fields that there are."""
        return {FIELD_OF_ROLE.get(role, "") for role in set(self.roles)} if self.roles else {self.paths.name}


@dataclass(frozen=True)
class Paths:
    """Where the texts of a column stand in their rows: ``order`` sorts the edits of a row, ``path`` names a field."""

    rank: int
    name: str
    turn: Ints
    candidate: Ints | None = None

    def path(self, at: int) -> str:
        """Return the full name of a text's field, such as ``messages[1].content``."""
        if self.name in ("system", "context"):
            return self.name
        turn = f"messages[{self.turn[at]}].content"
        return turn if self.candidate is None else f"rejected[{self.candidate[at]}].{turn}"

    def order(self, at: int) -> tuple[int, ...]:
        """Return what sorts the edits of one row."""
        return self.rank, 0 if self.candidate is None else int(self.candidate[at]), int(self.turn[at])


class Records:
    """The texts of a table of records, and each row as rules see it."""

    def __init__(self, table: pa.Table) -> None:
        names = ("system", "context", "messages", "rejected", "tools")
        self.columns = {name: table[name].combine_chunks() for name in names}
        self.prompt_turns = table["prompt_turns"].combine_chunks()
        self._said: dict[int, Said] = {}

    def said(self, row: int) -> Said:
        """Return what a row says; one object for each row, so that it is read once."""
        if row not in self._said:
            self._said[row] = Said(lambda: self._parts(row))
        return self._said[row]

    def _parts(self, row: int) -> Parts:
        system, context, tools = (self.columns[name][row].as_py() or "" for name in ("system", "context", "tools"))
        rejected: dict[int, Turns] = {}
        if "rejected" in self.texts:
            numbers = self.texts["rejected"].paths.candidate
            for at, turn in self._turns("rejected", row):
                number = 0 if numbers is None else int(numbers[at])
                rejected[number] = (*rejected.get(number, ()), turn)
        turns = tuple(turn for _, turn in self._turns("messages", row))
        return Parts(system, context, turns, tuple(rejected.values()), tools)

    def _turns(self, name: str, row: int) -> Iterator[tuple[int, tuple[str, str]]]:
        texts = self.texts[name]
        places = texts.of_row(row)
        contents = texts.values.slice(places.start, len(places)).to_pylist()
        return ((at, (texts.roles[at], content)) for at, content in zip(places, contents, strict=True))

    @cached_property
    def texts(self) -> dict[str, Texts]:
        """The columns of texts by name, those of rejected replies only where there are any."""
        rows = np.arange(len(self.columns["system"]))
        texts = {
            name: Texts(self.columns[name], rows, Paths(rank, name, np.zeros(len(rows), np.int64)))
            for rank, name in enumerate(("system", "context"))
        }
        owner, turn, content, roles = _flat(self.columns["messages"])
        texts["messages"] = Texts(content, owner, Paths(2, "messages", turn), roles)
        rejected = self.columns["rejected"]
        if rejected.null_count < len(rejected):
            owners = parents(rejected)
            number = np.arange(len(owners)) - np.searchsorted(owners, owners)
            owner, turn, content, roles = _flat(pc.struct_field(pc.list_flatten(rejected), "messages"))
            texts["rejected"] = Texts(content, owners[owner], Paths(3, "rejected", turn, number[owner]), roles)
        return texts

    def replies(self) -> Iterator[tuple[int, list[tuple[str, int]]]]:
        """Yield each row with rejected replies and the column and place of every reply to its prompt."""
        if "rejected" not in self.texts:
            return
        rejected, chosen = self.texts["rejected"], self.texts["messages"]
        for row in np.unique(rejected.rows).tolist():
            first = self.prompt_turns[row].as_py() or 0
            places = [("messages", at) for at in chosen.of_row(row)[first:]]
            places += [("rejected", at) for at in rejected.of_row(row)]
            yield row, [(name, at) for name, at in places if self.texts[name].field(at) == "response"]


def parents(lists: pa.ListArray) -> Ints:
    """Return for each value of lists the position of its list."""
    return np.asarray(pc.list_parent_indices(lists).to_numpy(zero_copy_only=False), np.int64)


def _flat(messages: pa.ListArray) -> tuple[Ints, Ints, pa.Array, list[str]]:
    flat = pc.list_flatten(messages)
    owner = parents(messages)
    first = np.searchsorted(owner, np.arange(len(messages)))
    turn = np.arange(len(owner)) - first[owner] if len(owner) else owner
    return owner, turn, pc.struct_field(flat, "content"), pc.struct_field(flat, "role").to_pylist()
