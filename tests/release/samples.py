"""Release tables to write formats from, and the counts that tell whether a row got lost."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record, Rejected, ToolCall
from winnow.records.schema import RELEASE
from winnow.release.formats import FORMATS
from winnow.release.validate import CONSUMERS

USER, SAID = Message("user", "Ask"), Message("assistant", "Said")
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
TOOLS = json.dumps([TOOL])
CALL = Message("assistant", "", None, (ToolCall("c1", "add", '{"a": 1}'),))
RESULT = Message("tool", "2", tool_call_id="c1")
READERS = {
    "alpaca": (),
    "kto": ("trl",),
    "kto_llama_factory": ("llama-factory",),
    "openai": ("openai",),
    "openai_preference": ("openai",),
    "preference": ("trl", "axolotl"),
    "preference_llama_factory": ("llama-factory",),
    "sharegpt": ("llama-factory",),
}
"""Who reads each format."""

HARD = '中文😀 "quoted"\\ a\nb\t\u2028\x85</script> {{content}} <image>'


def released(*records: Record, repeats: int = 1, license_: str = "CC0-1.0") -> pa.Table:
    """Return records in the schema of a release."""
    builder = RecordBuilder()
    for n, record in enumerate(records):
        builder.append(f"s:{n}", "s", license_, "human", record)
    count = len(records)
    table = builder.table().append_column("language", pa.array(["en"] * count, pa.string()))
    return table.append_column("repeats", pa.array([repeats] * count, pa.int32())).cast(RELEASE)


def sft(*turns: Message, **fields: Any) -> Record:
    """Return a record to imitate."""
    return Record(list(turns) or [USER, SAID], ("k",), **fields)


def preference(*worse: str, turns: tuple[Message, ...] = (USER, SAID), **fields: Any) -> Record:
    """Return a record with worse replies."""
    rejected = [Rejected((Message("assistant", one),), rank) for rank, one in enumerate(worse, 1)]
    return Record(list(turns), ("k",), kind="preference", rejected=rejected, **fields)


def feedback(label: bool | None, *turns: Message, **fields: Any) -> Record:
    """Return a record with a label."""
    return Record(list(turns) or [USER, SAID], ("k",), kind="feedback", label=label, **fields)


def everything(filler: str = "", plain: int = 40) -> list[Record]:
    """Return rows of every kind and shape; what is rare comes last, after ``plain`` rows of each kind."""
    long = Message("assistant", f"Said {filler}")
    return [
        *(sft(Message("user", f"Ask {n}"), long) for n in range(plain)),
        *(preference(f"Worse {n}", "Worst", turns=(USER, long)) for n in range(plain)),
        *(feedback(n % 2 == 0, USER, long) for n in range(plain)),
        sft(USER, SAID, system="Be kind", context="Background"),
        sft(USER, SAID, USER, SAID),
        sft(Message("user", HARD), Message("assistant", HARD)),
        sft(USER, Message("assistant", "Said", "because")),
        sft(USER, CALL, RESULT, SAID, tools=TOOLS),
        sft(USER, Message("assistant", "no", train=False), USER, Message("assistant", "yes", train=True)),
        preference("Worse", system="Be kind", context="Background"),
        preference("Worse", turns=(USER, SAID, USER, SAID), prompt_turns=3),
        preference("Worse", "", turns=(USER, CALL, RESULT, SAID), prompt_turns=3, tools=TOOLS),
        feedback(True, USER, SAID, USER, SAID, system="Be kind", context="Background"),
        feedback(False, USER, CALL, RESULT, SAID, tools=TOOLS),
    ]


def written(tmp_path: Path, name: str, *records: Record, repeats: int = 1) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Return the rows that a JSON Lines format writes, each taken by its readers, and the rows left out by reason."""
    left_out: Counter[str] = Counter()
    FORMATS[name].fragment(released(*records, repeats=repeats), tmp_path / "one", left_out)
    with (tmp_path / "one").open(encoding="utf-8", newline="\n") as file:
        rows = [json.loads(line) for line in file]
    for reader in READERS[name]:
        assert [CONSUMERS[reader].check(row) for row in rows] == [""] * len(rows)
    return rows, left_out


def write_all(table: pa.Table, out: Path, batch: int = 32) -> dict[str, tuple[int, Counter[str]]]:
    """Write every format of one split as ``export`` does, in several fragments; return lines and lines left out."""
    counts = {}
    for name, module in FORMATS.items():
        rows = table.filter(pa.array([kind in module.KINDS for kind in table["kind"].to_pylist()], pa.bool_()))
        left_out: Counter[str] = Counter()
        fragments, written = [], 0
        for n, start in enumerate(range(0, max(len(rows), 1), batch)):
            fragments.append(out / "fragments" / name / f"{n:05d}")
            written += module.fragment(rows.slice(start, batch), fragments[-1], left_out)
        if written:
            module.join(fragments, out / name / f"train.{module.EXTENSION}")
        counts[name] = written, left_out
    return counts
