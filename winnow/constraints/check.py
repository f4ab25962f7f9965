"""Whether replies meet their constraints, strictly: by every usual way of counting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from winnow.constraints.measures import MEASURES, RELATIONS
from winnow.constraints.phrases import ARGUMENTS, PHRASES
from winnow.storage.types import Bools

CONSTRAINTS = "constraints"
"""The key of a row's metadata under which its constraints stand."""
COUNT = "count"
COUNTED = ("exactly", "at_least", "at_most")


@dataclass(frozen=True)
class Constraint:
    """One constraint on a reply: its kind (a file of ``data/constraints``), what is checked, and with what.

    ``check`` is the name of a check of words (:data:`PHRASES`), or a relation and a measure: ``at_most length``.
    ``language`` is that of the prompt. All of it stands in the row's metadata, so that a row can be checked without
    the file of its kind.
    """

    kind: str
    check: str
    language: str
    arguments: Mapping[str, Any]

    def value(self) -> dict[str, Any]:
        """Return the constraint as metadata has it."""
        return {
            "kind": self.kind,
            "check": self.check,
            "language": self.language,
            "arguments": dict(self.arguments),
        }


def constraint(value: Any) -> Constraint | None:
    """Return the constraint that a value of metadata is, None where it is none.

    >>> constraint({"kind": "a", "check": "no commas", "language": "en", "arguments": {}})
    Constraint(kind='a', check='no commas', language='en', arguments={})
    >>> constraint({"kind": "a", "check": "no commas"}), constraint("short")
    (None, None)
    """
    if not isinstance(value, Mapping) or set(value) != {"kind", "check", "language", "arguments"}:
        return None
    arguments = value["arguments"]
    if not isinstance(arguments, Mapping) or not all(isinstance(value[name], str) for name in ("kind", "check")):
        return None
    return Constraint(value["kind"], value["check"], str(value["language"]), dict(arguments))


def carried(metadata: Mapping[str, Any]) -> list[Constraint]:
    """Return the constraints that the metadata of a row has; what a source itself calls so is none of ours.

    >>> carried({"constraints": "short"}), carried({"constraints": [{"kind": "short"}]}), carried({})
    ([], [], [])
    """
    listed = metadata.get(CONSTRAINTS)
    found = [constraint(one) for one in listed] if isinstance(listed, list) else []
    return [one for one in found if one] if all(found) else []


def arguments_of(check: str) -> dict[str, type] | None:
    """Return the arguments that a check takes, with their types, None for a check that there is not.

    >>> arguments_of("at_most length"), arguments_of("no commas"), arguments_of("few commas")
    ({'count': <class 'int'>}, {}, None)
    """
    if check in ARGUMENTS:
        return dict(ARGUMENTS[check])
    relation, _, measure = check.partition(" ")
    if relation not in RELATIONS or measure not in MEASURES:
        return None
    return {COUNT: int} if relation in COUNTED else {}


def met(texts: Sequence[str], constraints: Sequence[Constraint]) -> Bools:
    """Tell of each text whether it meets the constraint of the same place; one that no program knows is not met."""
    out = np.zeros(len(texts), bool)
    groups: dict[tuple[str, str], list[int]] = {}
    for at, one in enumerate(constraints):
        if _fits(one):
            groups.setdefault((one.check, one.language), []).append(at)
    for (check, language), rows in groups.items():
        if check in PHRASES:
            out[rows] = [PHRASES[check](texts[row], language, **constraints[row].arguments) for row in rows]
            continue
        relation, _, measure = check.partition(" ")
        found = MEASURES[measure](pa.array([texts[row] for row in rows], pa.string()), language)
        asked = np.array([constraints[row].arguments.get(COUNT, 0) for row in rows], np.int64)
        out[rows] = RELATIONS[relation](found, asked)
    return out


def _fits(one: Constraint) -> bool:
    """Say whether the arguments of a constraint are those of its check."""
    wanted = arguments_of(one.check)
    return wanted is not None and {name: type(value) for name, value in one.arguments.items()} == wanted
