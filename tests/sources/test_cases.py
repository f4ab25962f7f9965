"""Every adapter's table of cases, tests/cases/<adapter>_units.json, which anyone can extend."""

from typing import Any

import pytest

from tests.sources.cases import check, load, reasons_in_code, reasons_in_table
from winnow.reading.registry import adapters

TABLES = {name: load(name) for name in adapters() if name != "oasst"}
"""Messages of ``oasst`` make rows together: its table has a form and tests of its own."""


def test_every_adapter_has_a_table() -> None:
    assert [name for name, table in TABLES.items() if not table] == []


@pytest.mark.parametrize(
    ("name", "case"),
    [pytest.param(name, case, id=f"{name}: {case['label']}") for name, table in TABLES.items() for case in table],
)
def test_case(name: str, case: dict[str, Any]) -> None:
    check(name, case)


@pytest.mark.parametrize("name", TABLES)
def test_every_reason_has_a_case(name: str) -> None:
    assert reasons_in_code(name) - reasons_in_table(name) == set()
