"""The plans of ``augment.plans`` in ``params.yaml``, every entry checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from winnow.harness.errors import UserError

CONSTRAIN = "constrain"
METHODS = (CONSTRAIN,)
KEEP, REPLACE = "keep", "replace"
_KEYS = ("method", "rows", "parent", "most", "common", "share", "of_kind", "sources")
_NAME = re.compile("[a-z0-9_-]+")


@dataclass(frozen=True)
class Plan:
    """One plan: at most ``rows`` new rows by ``method``.

    ``replaces``: the row that a new one was made from leaves. ``most`` constraints a row; none that more than the share
    ``common`` of the replies to its kind of task meets anyway. ``share`` is the largest share of the rows of a task
    type and language that get a new row, ``of_kind`` the largest share of ``rows`` that has one kind of constraint.
    ``sources`` whose rows are used; empty: all.
    """

    name: str
    method: str
    rows: int
    replaces: bool = False
    most: int = 3
    common: float = 0.5
    share: float = 0.3
    of_kind: float = 0.15
    sources: tuple[str, ...] = ()


def plans(group: Mapping[str, Any], sources: Mapping[str, Any]) -> list[Plan]:
    """Return the plans by name; whatever is wrong in one is a :class:`UserError` that names the entry.

    >>> plans({"harder": {"method": "constrain", "rows": 100}}, {})[0].rows
    100
    """
    return [_plan(name, group[name], sources) for name in sorted(group, key=str)]


def _plan(name: Any, value: Any, sources: Mapping[str, Any]) -> Plan:
    where = f"params.yaml: augment.plans.{name}"

    def wrong(key: str, problem: str) -> NoReturn:
        raise UserError(f"{where}{'.' if key else ''}{key} {problem}.")

    if not isinstance(name, str) or not _NAME.fullmatch(name):
        wrong("", "must be a name of small letters, digits, - and _")
    if name in sources:
        wrong("", "has the name of a source; its rows need one of their own")
    if not isinstance(value, Mapping) or "method" not in value or "rows" not in value:
        wrong("", "must be a map with method and rows")
    if unknown := sorted(map(str, set(value) - set(_KEYS))):
        wrong(unknown[0], f"is no setting of a plan; there are {', '.join(_KEYS)}")
    if value["method"] not in METHODS:
        wrong("method", f"must be one of {', '.join(METHODS)}, not {value['method']!r}")
    if value.get("parent", KEEP) not in (KEEP, REPLACE):
        wrong("parent", f"must be {KEEP} or {REPLACE}, not {value['parent']!r}")
    for key, highest in (("rows", None), ("most", 5)):
        number = value.get(key, 1)
        if type(number) is not int or number < 1 or (highest and number > highest):
            wrong(key, f"must be a whole number from 1{f' to {highest}' if highest else ''}, not {number!r}")
    for key in ("common", "share", "of_kind"):
        number = value.get(key, 0.5)
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
            wrong(key, f"must be a share from 0 to 1, not {number!r}")
    listed = value.get("sources", [])
    if not isinstance(listed, list) or (unknown := [one for one in listed if one not in sources]):
        wrong("sources", "must be a list of sources")
    given = {key: value[key] for key in ("rows", "most", "common", "share", "of_kind") if key in value}
    replaces = value.get("parent", KEEP) == REPLACE
    return Plan(name, value["method"], **given, replaces=replaces, sources=tuple(listed))
