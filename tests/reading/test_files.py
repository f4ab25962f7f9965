"""Layouts that files of rows come in: what each unit is, and on which line (``tests/cases/files.json``)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.reading.files import outline
from winnow.reading.files import read_units
from winnow.reading.forms import form
from winnow.reading.window import Caps

CASES = json.loads(Path("tests/cases/files.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_file_is_read_as_its_units(tmp_path: Path, case: dict[str, Any]) -> None:
    """``repeat`` writes the word LONG of text and units out."""
    text, units = (json.dumps(case[key]).replace("LONG", "long" * case.get("repeat", 0)) for key in ("text", "units"))
    path = tmp_path / case["file"]
    path.write_bytes(json.loads(text).encode())
    layout = form("sources.x", case.get("entry", {}))
    got = outline(list(read_units(path, "utf-8", Caps(1 << 24, 1 << 20), form=layout)))
    assert [list(one) for one in got] == json.loads(units)
