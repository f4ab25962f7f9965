"""The adapter ``kto`` beyond its table of cases."""

import json

from tests.native import NATIVE
from tests.sources.real import file_of, read
from winnow.reading.registry import adapters, sniff


def test_rows_of_other_formats_are_not_its_own() -> None:
    turns = NATIVE["kto"][0]["messages"]
    assert adapters()["kto"].sniff([{"messages": turns}, {"messages": turns, "label": 3}, {"label": True}]) == 0.0


def test_real_labels() -> None:
    path = file_of("llama_factory/kto_en_demo.json")
    tally, rows, _ = read("kto", path)
    assert tally == {"units": 300, "used": 300, "feedback": 300}
    values = json.loads(path.read_text(encoding="utf-8"))
    assert sniff(values) == [(1.0, "kto")]
    for value, row in zip(values, rows, strict=True):
        assert row.record.label is value["label"]
        assert [turn._asdict()["content"] for turn in row.record.messages] == [
            turn["content"] for turn in value["messages"]
        ]
