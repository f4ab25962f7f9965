"""The adapter ``messages``: its table of native units (tests/cases/messages_units.json), which anyone can extend."""

import pytest

from stages.reading.registry import adapters, sniff
from tests.sources.cases import check, load, params, reasons_in_code
from tests.strategies import NATIVE


@pytest.mark.parametrize("case", params("messages"))
def test_unit(case):
    check("messages", case)


def test_every_reason_has_a_case():
    assert reasons_in_code("messages") == {case["reason"] for case in load("messages") if "reason" in case}


def test_its_units_are_known_by_sight():
    assert sniff(NATIVE["messages"])[0] == (1.0, "messages")
    assert adapters()["messages"].sniff([]) == 0.0
