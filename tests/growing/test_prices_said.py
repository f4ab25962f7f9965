"""The prices that docs/growing.md says follow from its own numbers of tokens and from data/prices.yaml."""

import re

import pytest

from tests.conftest import REPOSITORY
from winnow.asking.prices import PICO, read_prices

ROWS = 1_100_000, 800_000
JUDGED = 1_300 * 800, 1_300 * 100


def test_the_prices_of_the_guide_are_those_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    page, prices = (REPOSITORY / "docs/growing.md").read_text(encoding="utf-8"), read_prices()
    assert "1,100,000 tokens in and 800,000 out" in page
    assert "1,300 rows, for about 800 tokens in and 100 out" in page
    lines = re.findall(r"^\| (\S+) \| (\$[\d.]+) \| (\$[\d.]+) \|$", page, re.MULTILINE)
    assert len(lines) >= 4
    for model, written, judged in lines:
        costs = [prices[model].cost(*tokens) for tokens in (ROWS, JUDGED)]
        assert [f"${cost / PICO:.2f}" for cost in costs] == [written, judged]
