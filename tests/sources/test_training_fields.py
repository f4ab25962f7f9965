"""Every adapter against the register of fields that change training: each is read or named, none is filed away."""

import copy
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from tests.native import OPTIONS
from tests.strategies import CASES, native
from winnow.reading.adapter import LeftOut, Row
from winnow.reading.registry import adapters
from winnow.reading.training import REGISTER, kind_named, of_row, of_turn
from winnow.reading.units import Unit

SAYS: dict[str, Any] = {
    "mask": False,
    "inverted_mask": True,
    "weight": 0,
    "other_weight": 0.5,
    "unclear_mask": "User",
    "token_mask": [0, 0, 1],
    "worse": "A worse reply.",
    "better": "A better reply.",
    "label": False,
    "labels": [True, False],
    "refusal": "I cannot help with that.",
    "liked": False,
    "disliked": True,
    "correct": False,
    "system": "You are a lighthouse keeper.",
    "reasoning": "The light turns, so it is night.",
    "tools": [{"name": "ring", "parameters": {"type": "object", "properties": {}}}],
    "calls": {"name": "ring", "arguments": "{}"},
    "call_id": "call_77",
    "name": "Ida",
    "media": "lighthouse.png",
    "conversation": [{"role": "user", "content": "Is it late?"}],
    "history": [["Is it late?", "It is."]],
    "context": "The lighthouse stands on a cliff.",
    "template": {"enable_thinking": False},
}
"""For each kind a value that says something, in a row and in a turn."""
NOTHING = [None, "", "nan", "None", [], {}, [None], {"path": None}]
MASKS = {"mask", "inverted_mask", "weight"}
READ = {"context", "system", "history", "tools", "input"}
"""Fields that some adapter reads whatever they say."""
HARMLESS = {"label": "sports", "weight": 1, "loss": 0.73, "train": True, "name": "row 7", "correct": "B", "like": "so"}


def turns_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every turn inside a unit."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if any(keys <= item.keys() for keys in ({"role", "content"}, {"from", "value"}, {"role", "text"})):
                yield item
            stack += item.values()
        elif isinstance(item, list):
            stack += item


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects that are a unit: one, or the two of a pair."""
    return value if isinstance(value, list) else [value]


def units_of(name: str) -> list[Any]:
    """Return native units of an adapter, and those of its table that become a record of all their turns."""
    table = CASES / f"{name}_units.json"
    cases = json.loads(table.read_text(encoding="utf-8")) if table.is_file() and name != "oasst" else []
    whole = [case for case in cases if "record" in case and "options" not in case and "turns_cut" not in str(case)]
    return native(name) + [case["unit"] for case in whole]


def outcomes(name: str, value: Any) -> list[Row | LeftOut]:
    source = adapters()[name]
    return list(source.read(source.expand(Unit("x.jsonl", 1, "", value)), {**source.options, **OPTIONS.get(name, {})}))


def said(outcome: Row | LeftOut) -> Any:
    """Return what an outcome says beside metadata; keys may change with what is read."""
    if isinstance(outcome, LeftOut):
        return outcome.outcome, outcome.reason, outcome.detail
    told = {field: held for field, held in asdict(outcome.record).items() if field not in ("metadata", "key_text")}
    return told | {"cut": outcome.record.metadata.get("turns_cut")}  # a turn that is cut off keeps what it says


def keys_in(value: Any) -> set[str]:
    """Return every key inside a value."""
    if isinstance(value, dict):
        return set(value).union(*map(keys_in, value.values()))
    return set().union(*map(keys_in, value)) if isinstance(value, list) else set()


def left_of(row: Row) -> dict[str, Any]:
    """Return the metadata of a row without the turns that were cut off."""
    return {name: held for name, held in row.record.metadata.items() if name != "turns_cut"}


def open_to_masks(turn: dict[str, Any]) -> bool:
    """Tell whether a mask would say something of a turn: it is a reply, and has none."""
    reply = turn.get("role", turn.get("from")) in ("assistant", "gpt", "function_call")
    return reply and not any((kind := kind_named(field)) and kind.name in MASKS for field in turn)


def check(name: str, field: str, before: list[Any], value: Any) -> None:
    """Check that a field that was added to a unit is read or named as the reason."""
    after = outcomes(name, value)
    named = any(isinstance(one, LeftOut) and one.outcome == "quarantined" and field in one.detail for one in after)
    filed = any(isinstance(one, Row) and field in keys_in(left_of(one)) for one in after)
    assert named or (not filed and [said(one) for one in after] != before), (name, field, value, after)


def test_every_kind_has_a_value_here() -> None:
    assert SAYS.keys() == {kind.name for kind in REGISTER}
    for kind in REGISTER:
        for field in kind.names.split():
            assert kind.row is None or of_row(field, SAYS[kind.name]) is kind
            assert kind.turn is None or of_turn(field, SAYS[kind.name]) is kind


def test_no_name_is_of_two_kinds() -> None:
    names = [name for kind in REGISTER for name in kind.names.split()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", adapters())
def test_each_field_of_a_row_is_read_or_named(name: str) -> None:
    for number, unit in enumerate(units_of(name)):
        before = [said(one) for one in outcomes(name, unit)]
        for kind in REGISTER:
            for field in kind.names.split()[: None if number == 0 else 1] if kind.row else ():
                if any(field in one for one in objects(unit)):
                    continue
                value = copy.deepcopy(unit)
                for one in objects(value):
                    one[field] = SAYS[kind.name]
                check(name, field, before, value)


@pytest.mark.parametrize("name", adapters())
def test_each_field_of_a_turn_is_read_or_named(name: str) -> None:
    for unit in units_of(name):
        before = [said(one) for one in outcomes(name, unit)]
        for place in range(len(list(turns_in(unit)))):
            for kind in REGISTER:
                for field in kind.names.split()[:1] if kind.turn else ():
                    value = copy.deepcopy(unit)
                    turn = list(turns_in(value))[place]
                    if (
                        field not in turn
                        and not any(field in one for one in objects(unit))
                        and not (kind.name in MASKS and not open_to_masks(turn))
                    ):
                        turn[field] = SAYS[kind.name]
                        check(name, field, before, value)


@pytest.mark.parametrize("name", adapters())
def test_values_that_say_nothing_are_no_reason(name: str) -> None:
    for unit in units_of(name)[:3]:
        before = [said(one) for one in outcomes(name, unit)]
        fields = [(kind.names.split()[0], nothing) for kind in REGISTER for nothing in NOTHING]
        for field, nothing in [*fields, *HARMLESS.items()]:
            there = any(field in one or "0" in one for one in objects(unit))
            spoken = name == "oasst" and field == "name"  # a unit of it is a turn
            if there or spoken or field in ("messages", *(READ if nothing not in (None, "") else ())):
                continue
            value = copy.deepcopy(unit)
            for one in objects(value):
                one[field] = nothing
            assert [said(one) for one in outcomes(name, value)] == before, (field, nothing)
