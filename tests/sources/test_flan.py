"""The adapter ``flan`` beyond its table of cases."""

import gzip

import pytest

from tests.reading.files import good
from tests.sources.real import CAPS, file_of
from winnow.reading.adapter import Row
from winnow.reading.files import read_units
from winnow.reading.registry import adapters, sniff


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("creak_train.tsv", 6_915),
        ("ecqa_train.tsv", 7_112),
        ("strategyqa_train.tsv", 2_061),
        ("gsm8k_train.tsv.gz", 7_473),
    ],
)
def test_real_chains_of_thought(name: str, count: int) -> None:
    path = file_of(f"flan/cot_data/{name}")
    adapter = adapters()["flan"]
    units = good(read_units(path, "utf-8", CAPS, adapter.header))
    assert sniff([unit.value for unit in units[:20]]) == [(1.0, "flan")]
    outcomes = list(adapter.read(units, {}))
    assert len(outcomes) == len(units) == count
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().split("\n")
    for outcome, line in zip(outcomes, lines, strict=False):
        assert isinstance(outcome, Row)
        question, answer = outcome.record.messages
        assert answer.reasoning
        assert "\t".join([question.content, answer.content, answer.reasoning]).replace("\n", "\\n") == line
