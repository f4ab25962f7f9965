"""JSON documents for the reading tests: good and damaged units in every layout, and what reading them gives."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.reading.files import CAPS
from winnow.harness.errors import UserError
from winnow.reading import text
from winnow.reading.jsonfiles import ListUnit, read_units
from winnow.reading.jsonvalue import MAX_DEPTH
from winnow.reading.units import BadUnit, Unit
from winnow.reading.window import Caps

DEEP = "[" * 100_000 + "]" * 100_000
BAD = {
    "nul": ('{"a": "x\\u0000"}', "nul_character"),
    "lone surrogate": ('{"a": "\\ud83d"}', "lone_surrogate"),
    "lone surrogate in a key": ('{"\\udc00": 1}', "lone_surrogate"),
    "NaN": ('{"a": [NaN]}', "non_finite_number"),
    "Infinity": ('{"a": [-Infinity]}', "non_finite_number"),
    "overflow": ('{"a": 1e999}', "non_finite_number"),
    "duplicate key": ('{"a": 1, "a": 2}', "duplicate_key"),
    "duplicate key inside": ('{"a": {"b": 1, "b": 1}}', "duplicate_key"),
    "too deep for the reader": ('{"a": ' + DEEP + "}", "too_deep"),
    "too deep": ('{"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}", "too_deep"),
    "huge number": ('{"a": ' + "9" * 5_000 + "}", "number_too_long"),
    "bad escape": ('{"a": "\\x41"}', "invalid_json"),
    "tab in a string": ('{"a": "\t"}', "invalid_json"),
    "brackets in a damaged string": ('{"a": "}, {]\\x", "b": "}"}', "invalid_json"),
    "single quotes": ("{'a': 1}", "invalid_json"),
    "comma before }": ('{"a": 1,}', "invalid_json"),
    "number": ("17", "not_an_object"),
    "fraction": ("-1.5e+3", "not_an_object"),
    "text": ('"x"', "not_an_object"),
    "null": ("null", "not_an_object"),
    "list": ("[1, 2]", "not_an_object"),
    "bare NaN": ("NaN", "non_finite_number"),
    "a word": ("oops", "invalid_json"),
    "damaged text": ('"\\x, {"', "invalid_json"),
}
DAMAGED = st.sampled_from([raw for raw, _ in BAD.values() if len(raw) < 300])
BROKEN = DAMAGED | st.sampled_from(["9" * 4_400 + ".5", '{"a":1} {"b":2}', '{"a":1}, ', '{"a":1}]', '{"a":"x}'])
LAYOUTS = ["jsonl", "compact", "pretty", "crlf"]


def document(rows: Sequence[Any], layout: str) -> str:
    """Return text that holds ``rows`` (values, or JSON text that may be broken)."""
    indent = 1 if layout == "pretty" else None
    texts = [
        row if isinstance(row, str) else json.dumps(row, ensure_ascii=len(row) % 2 == 0, indent=indent) for row in rows
    ]
    if layout == "jsonl":
        return "\n".join(texts) + "\n"
    if layout == "crlf":
        return "[\r\n" + ",\r\n".join(texts) + "\r\n]\r\n"
    return "[" + ",\n ".join(texts) + "]"


def outcome(
    path: Path, caps: Caps = CAPS, list_unit: ListUnit = None, chunk: int | None = None
) -> list[Unit | BadUnit] | str:
    """Return the units of a file that arrives in chunks of ``chunk`` bytes, or the sentence that it ends in."""
    with pytest.MonkeyPatch.context() as patch:
        if chunk:
            patch.setattr(text, "_CHUNK", chunk)
        try:
            return list(read_units(path, "utf-8", caps, list_unit))
        except UserError as error:
            return str(error)
