"""The adapter ``hh_rlhf`` beyond its table of cases."""

import gzip
import json

from tests.sources.real import file_of, read


def test_real_pairs() -> None:
    """Nine real transcripts hold two turns of the Assistant in a row; each other pair parts at its last reply."""
    path = file_of("hh_rlhf/harmless-base/test.jsonl.gz")
    tally, rows, left = read("hh_rlhf", path)
    assert tally == {"units": 2_312, "used": 2_303, "preference": 2_303, "wrong_order": 9}
    assert len(left) == 9
    values = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    whole = {(value["chosen"], value["rejected"]) for value in values}
    names = {"user": "Human", "assistant": "Assistant"}
    for row in rows:
        record = row.record
        assert record.rejected is not None
        assert record.prompt_turns == len(record.messages) - 1
        prompt, worse = record.messages[: record.prompt_turns], record.rejected[0].messages
        both = tuple(
            "".join(f"\n\n{names[turn.role]}: {turn.content}" for turn in turns)
            for turns in (record.messages, [*prompt, *worse])
        )
        assert both in whole
    assert sum(not row.record.messages[-1].content for row in rows) == 4
