"""Tables of native units (tests/cases/<adapter>_units.json), each with the record or the reason that it must give."""

import importlib
import inspect
import json
import re
from typing import Any

from tests.strategies import CASES
from winnow.reading import adapter, chat
from winnow.reading.adapter import Row
from winnow.reading.registry import adapters
from winnow.reading.units import Unit


def load(name: str) -> Any:
    """Return the table of an adapter; empty if there is none."""
    file = CASES / f"{name}_units.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


def short(value: Any) -> Any:
    """Return named tuples as dictionaries without nulls, sequences as lists: how the tables write a record."""
    if hasattr(value, "_asdict"):
        return {name: short(field) for name, field in value._asdict().items() if field is not None}
    return [short(one) for one in value] if isinstance(value, list | tuple) else value


def check(name: str, case: dict[str, Any]) -> None:
    """Run one case: its ``unit`` must give the ``record``, be quarantined for the ``reason``, or give ``outcomes``.

    A record says the fields that matter; an outcome of a unit that holds several is its fields, or what is left out.
    """
    adapter = adapters()[name]
    units = adapter.expand(Unit("x.jsonl", 3, json.dumps(case["unit"]), case["unit"]))
    if "reason" in case:
        wanted = [{"outcome": "quarantined", "reason": case["reason"], "detail": case["detail"]}]
    else:
        wanted = case.get("outcomes") or [case["record"]]
    outcomes = list(adapter.read(units, {**adapter.options, **case.get("options", {})}))
    assert len(units) == len(outcomes) == len(wanted)
    for unit, outcome, expected in zip(units, outcomes, wanted, strict=True):
        if isinstance(outcome, Row):
            assert (outcome.units, outcome.fresh) == ((unit,), 1)
            assert {field: short(getattr(outcome.record, field, None)) for field in expected} == expected
        else:
            assert outcome.unit is unit
            assert {field: getattr(outcome, field, None) for field in expected} == expected


def reasons_in_table(name: str) -> set[str]:
    """Return every reason that a case of an adapter is left out for."""
    return {one["reason"] for case in load(name) for one in case.get("outcomes", [case]) if "reason" in one}


def reasons_in_code(name: str) -> set[str]:
    """Return every reason that the code of an adapter, with the helpers it calls, can quarantine a unit for."""
    code, new = "", inspect.getsource(importlib.import_module(f"winnow.sources.{name}"))
    left = {name: helper for room in (adapter, chat) for name, helper in inspect.getmembers(room, inspect.isfunction)}
    while new:
        code += new
        called = {name for name in left if re.search(rf"\b{name}\(", new)}
        new = "".join(inspect.getsource(left.pop(name)) for name in sorted(called))
    return set(re.findall(r'Unusable\(\s*"(\w+)"', code))
