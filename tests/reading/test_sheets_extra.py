"""A workbook where the extra that reads it is not installed."""

import sys
from pathlib import Path

import pytest

from winnow.harness.errors import UserError
from winnow.reading.files import read_units
from winnow.reading.window import Caps


def test_without_the_extra_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    file = tmp_path / "rows.xlsx"
    file.write_bytes(b"PK")
    with pytest.raises(UserError, match=r"--extra xlsx`, or save the sheet as CSV"):
        list(read_units(file, "utf-8", Caps(1 << 20, 1 << 20)))
