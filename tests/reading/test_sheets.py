"""Workbooks as raw units: a small one is written by hand, since the reader cannot write."""

import zipfile
from pathlib import Path

import pytest

pytest.importorskip("python_calamine", reason="the extra xlsx is not installed")

from tests.reading.files import outline
from winnow.harness.errors import UserError
from winnow.reading.files import read_units
from winnow.reading.forms import Form
from winnow.reading.window import Caps

CAPS = Caps(1 << 24, 1 << 20)
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def workbook(path: Path, sheets: dict[str, list[list[str | int | float]]]) -> Path:
    names = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        office = f'<Relationship Id="r" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/>'
        file.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{office}</Relationships>')
        file.writestr("xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{LINKS}"><sheets>{names}</sheets></workbook>')
        relations = f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'
        file.writestr("xl/_rels/workbook.xml.rels", relations)
        for n, rows in enumerate(sheets.values(), 1):
            sheet = f"<worksheet {MAIN}><sheetData>{_rows(rows)}</sheetData></worksheet>"
            file.writestr(f"xl/worksheets/sheet{n}.xml", sheet)
    return path


def _rows(rows: list[list[str | int | float]]) -> str:
    lines = ["".join(_cell("ABCDE"[at] + str(n), cell) for at, cell in enumerate(row)) for n, row in enumerate(rows, 1)]
    return "".join(f'<row r="{n}">{cells}</row>' for n, cells in enumerate(lines, 1))


def _cell(place: str, cell: str | float) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>' if cell else ""
    return f'<c r="{place}"><v>{cell}</v></c>'


def test_the_first_sheet_is_read_by_its_header(tmp_path: Path) -> None:
    rows: list[list[str | int | float]] = [["q", "a", "n"], ["Why?", "", 4], [], ["So?", "yes", 2.5]]
    path = workbook(tmp_path / "x.xlsx", {"one": rows, "two": [["q"], ["x"]]})
    units = list(read_units(path, "utf-8", CAPS))
    assert outline(units) == [(2, {"q": "Why?", "a": "", "n": 4}), (4, {"q": "So?", "a": "yes", "n": 2.5})]
    assert outline(list(read_units(path, "utf-8", CAPS, form=Form(sheet="two")))) == [(2, {"q": "x"})]


@pytest.mark.parametrize(
    ("sheet", "caps", "sentence"),
    [
        ("three", CAPS, r"x\.xlsx has no sheet 'three'; it has one"),
        (None, Caps(100, 100), r"x\.xlsx expands to [\d,]+ bytes, more than 100"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, sheet: str | None, caps: Caps, sentence: str) -> None:
    path = workbook(tmp_path / "x.xlsx", {"one": [["q"], ["Why?"]]})
    with pytest.raises(UserError, match=sentence):
        list(read_units(path, "utf-8", caps, form=Form(sheet=sheet)))


def test_a_file_that_is_no_workbook_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("q,a\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"x\.xlsx cannot be read as a workbook"):
        list(read_units(tmp_path / "x.xlsx", "utf-8", CAPS))
