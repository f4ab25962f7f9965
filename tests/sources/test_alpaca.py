"""The adapter ``alpaca``: its table of native units (tests/cases/alpaca_units.json), which anyone can extend."""

import pytest

from stages.reading.registry import adapters, sniff
from tests.sources.cases import check, load, params, reasons_in_code
from tests.strategies import NATIVE


@pytest.mark.parametrize("case", params("alpaca"))
def test_unit(case):
    check("alpaca", case)


def test_every_reason_has_a_case():
    assert reasons_in_code("alpaca") == {case["reason"] for case in load("alpaca") if "reason" in case}


def test_its_units_are_known_by_sight():
    assert sniff(NATIVE["alpaca"])[0] == (1.0, "alpaca")
    assert adapters()["alpaca"].sniff([]) == 0.0
