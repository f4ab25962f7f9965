"""Tables of native units (tests/cases/<adapter>_units.json), each with the record or the reason that it must give."""

import importlib
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from stages.reading.adapter import Row, text
from stages.reading.registry import adapters
from stages.reading.units import Unit

CASES = Path(__file__).parents[1] / "cases"


def load(name: str) -> list[dict[str, Any]]:
    return json.loads((CASES / f"{name}_units.json").read_text(encoding="utf-8"))


def params(name: str) -> list[Any]:
    """Return the cases of an adapter as pytest parameters named by their labels."""
    return [pytest.param(case, id=case["label"]) for case in load(name)]


def short(value: Any) -> Any:
    """Return named tuples as dictionaries without nulls, sequences as lists: how the tables write a record."""
    if hasattr(value, "_asdict"):
        return {name: short(found) for name, found in value._asdict().items() if found is not None}
    return [short(one) for one in value] if isinstance(value, list | tuple) else value


def check(name: str, case: dict[str, Any]) -> None:
    """Run one case of an adapter that makes one row of each unit."""
    unit = Unit("x.jsonl", 3, json.dumps(case["unit"]), case["unit"])
    (outcome,) = adapters()[name].read([unit], {})
    if "reason" in case:
        assert not isinstance(outcome, Row)
        assert (outcome.outcome, outcome.reason, outcome.detail) == ("quarantined", case["reason"], case["detail"])
        assert outcome.unit is unit
        return
    assert isinstance(outcome, Row)
    assert (outcome.units, outcome.fresh) == ((unit,), 1)
    assert {field: short(getattr(outcome.record, field)) for field in case["record"]} == case["record"]


def reasons_in_code(name: str) -> set[str]:
    """Return every reason that the code of an adapter, with the helper it may import, can quarantine a unit for."""
    module = importlib.import_module(f"stages.sources.{name}")
    code = inspect.getsource(module) + (inspect.getsource(text) if hasattr(module, "text") else "")
    return set(re.findall(r'Unusable\(\s*"(\w+)"', code))
