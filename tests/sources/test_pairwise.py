"""The adapter ``pairwise`` beyond its table of cases."""

import json

from tests.sources.real import file_of, read
from winnow.reading.adapter import LeftOut
from winnow.reading.registry import adapters, sniff


def test_reviews_without_the_texts_are_not_its_own() -> None:
    assert adapters()["pairwise"].sniff([{"answer1_id": "a", "answer2_id": "b", "score": [1, 2]}]) == 0.0


def test_real_votes() -> None:
    """Six rows of the file have a reply that is JSON true; no row has three different votes."""
    path = file_of("pandalm/testset-v1.json")
    tally, rows, left = read("pairwise", path)
    assert tally == {"units": 999, "used": 993, "preference": 993, "wrong_type": 6}
    values = json.loads(path.read_text(encoding="utf-8"))
    assert sniff(values) == [(1.0, "pairwise")]
    assert [json.loads(one.unit.raw)["idx"] for one in left if isinstance(one, LeftOut)] == [
        value["idx"] for value in values if True in (value["response1"], value["response2"])
    ]
    by_key = {str(value["idx"]): value for value in values}
    ties = 0
    for row in rows:
        record = row.record
        assert record.rejected is not None
        value = by_key[str(record.key)]
        votes = [value[f"annotator{n}"] for n in (1, 2, 3)]
        better = 2 if votes.count(2) >= 2 else 1
        ties += record.margin == 0
        assert (record.margin == 0) == (votes.count(0) >= 2)
        assert record.messages[-1].content == value[f"response{better}"]
        assert record.rejected[0].messages[0].content == value[f"response{3 - better}"]
    assert ties == 105
