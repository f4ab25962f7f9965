"""The adapter ``dolly``: its table of native units (tests/cases/dolly_units.json), which anyone can extend."""

import pytest

from stages.reading.registry import adapters, sniff
from tests.sources.cases import check, load, params, reasons_in_code
from tests.strategies import NATIVE


@pytest.mark.parametrize("case", params("dolly"))
def test_unit(case):
    check("dolly", case)


def test_every_reason_has_a_case():
    assert reasons_in_code("dolly") == {case["reason"] for case in load("dolly") if "reason" in case}


def test_its_units_are_known_by_sight():
    assert sniff(NATIVE["dolly"])[0] == (1.0, "dolly")
    assert adapters()["dolly"].sniff([]) == 0.0
