"""A drop holds for its texts as the source wrote them, wherever they come back, and for no common phrase."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from winnow.cleaning.buckets import Task, clean_bucket
from winnow.cleaning.rules import RULES
from winnow.patches.digests import bound, by_digest, matches
from winnow.patches.patch import FieldEdit, Patch
from winnow.records.build import RecordBuilder
from winnow.records.identity import digest
from winnow.records.record import Message, Record, Rejected, ToolCall
from winnow.storage.buckets import part
from winnow.storage.parquet import read_table, write_table

ASK, REPLY = "Where does the witness live now?", "She lives at 12 Marble Lane, second floor, in the old mill town."
DIRTY = " Caf\u00c3\u00a9 &amp; mill\u200b , he lives  there.[3] \x07 His number is known to all ,and to me .<br>"
"""A reply that most cleaning rules change."""


def record(*turns: tuple[str, str], system: str | None = None, rejected: str | None = None, **more: Any) -> Record:
    worse = None if rejected is None else [Rejected((Message("assistant", rejected),))]
    messages = [Message(*turn) for turn in turns]
    return Record(messages, ("x",), system=system, rejected=worse, prompt_turns=len(messages) - 1, **more)


def chat(*texts: str) -> list[tuple[str, str]]:
    return [(("user", "assistant")[n % 2], text) for n, text in enumerate(texts)]


def table(**records: Record) -> pa.Table:
    builder = RecordBuilder()
    for key, one in records.items():
        builder.append(f"s:{key}", "s", "MIT", "human", one)
    return builder.table()


def drop(one: Record, *named: str, row_id: str = "s:0", kind: str = "takedown") -> Patch:
    (row,) = table(x=one).to_pylist()
    return Patch(row_id, "Ann", "r", drop=kind, texts=tuple(sorted(bound(row, named))))


def hit(one: Record, *patches: Patch) -> str | None:
    return matches(table(x=one), by_digest(patches)).get("s:x")


@pytest.mark.parametrize(
    "again",
    [
        record(*chat(ASK, REPLY)),
        record(*chat(ASK, REPLY), system="You are a clerk.", context="A file."),
        record(*chat(ASK.upper(), f"\n{REPLY.replace(' ', chr(0x3000))}  ")),
        record(*chat("Something else?", REPLY)),
        record(*chat(ASK, REPLY, "Thank you.", "Not at all.")),
        record(*chat(ASK, "I do not know."), rejected=REPLY),
        record(*chat(REPLY, "I see.")),
        record(*chat("Who?", "Nobody."), context=REPLY),
    ],
    ids=["same", "system", "case", "prompt", "earlier turn", "rejected", "user turn", "context"],
)
def test_a_reply_is_found_wherever_it_comes_back(again: Record) -> None:
    assert hit(again, drop(record(*chat(ASK, REPLY)))) == "s:0"


@pytest.mark.parametrize(
    "again",
    [
        record(*chat("Something else?", f"I know.\n\n{REPLY}\n\nAnd so on."), metadata={"turns_merged": 2}),
        record(*chat("Who?", "Nobody."), metadata={"turns_cut": [{"role": "assistant", "content": REPLY}]}),
        record(*chat("Who?", "Nobody."), metadata={"solution": {"text": [REPLY]}}),
    ],
    ids=["merged", "cut off", "metadata"],
)
def test_a_reply_is_found_beside_the_turns(again: Record) -> None:
    assert hit(again, drop(record(*chat(ASK, REPLY)))) == "s:0"


def test_a_short_text_is_found_among_the_turns_that_were_cut_off_and_not_as_a_category() -> None:
    named = drop(record(*chat(ASK, "Ann Lee")), "messages[1].content")
    cut = {"turns_cut": [{"role": "user", "content": "Ann Lee "}]}
    assert hit(record(*chat("Who?", "Nobody."), metadata=cut), named) == "s:0"
    assert hit(record(*chat("Who?", "Nobody."), metadata={"category": "Ann Lee"}), named) is None


@pytest.mark.parametrize(
    ("again", "found"),
    [
        (chat("Something else?", REPLY), True),
        (chat(ASK, "I know where."), True),
        (chat("She is gone.", f"I know where.\n\n{REPLY}"), True),
        (chat("Something else?", "I know where."), False),
    ],
    ids=["a long part", "a short part to its prompt", "both parts", "a short part to another prompt"],
)
def test_the_parts_of_merged_turns_are_found_when_they_come_back_singly(
    again: list[tuple[str, str]], found: bool
) -> None:
    merged = record(*chat(f"She is gone.\n\n{ASK}", f"I know where.\n\n{REPLY}"), metadata={"turns_merged": 2})
    taken = record(*chat(ASK, f"I know where.\n\n{REPLY}"), metadata={"turns_merged": 1})
    assert (hit(record(*again), drop(merged)) or hit(record(*again), drop(taken))) == ("s:0" if found else None)


def test_paragraphs_of_a_turn_that_was_not_merged_are_its_own() -> None:
    assert hit(record(*chat("Who?", f"So.\n\n{REPLY}")), drop(record(*chat(ASK, REPLY)))) is None


def test_a_rejected_reply_of_the_row_is_kept_out_too() -> None:
    assert hit(record(*chat(ASK, REPLY)), drop(record(*chat(ASK, "I do not know."), rejected=REPLY))) == "s:0"


def test_a_short_reply_names_its_row_only_with_its_prompt() -> None:
    patch = drop(record(*chat("Is the bridge in the north of the town open today?", "Yes.")))
    assert hit(record(*chat("Is the bridge in the north of the town open today?", "yes."), system="s"), patch)
    assert hit(record(*chat("Hi.", "Hi.", "Is the bridge in the north of the town open today?", "Yes.")), patch)
    assert hit(record(*chat("Is it raining?", "Yes.")), patch) is None
    assert hit(record(*chat("Is the bridge in the north of the town open today?", "No.")), patch) is None


def test_small_talk_of_a_long_conversation_takes_down_nobody_else() -> None:
    patch = drop(record(*chat("Thanks!", "Any time.", ASK, REPLY)))
    assert hit(record(*chat("Thanks!", "Any time.")), patch) is None
    assert hit(record(*chat("Thanks!", "Any time.")), drop(record(*chat("Thanks!", "Any time.")))) == "s:0"


def test_length_counts_a_chinese_character_three_times() -> None:
    reply = "证人住在老城区大理石巷十二号的二楼"
    assert hit(record(*chat("别的问题", reply)), drop(record(*chat("证人住在哪里？", reply))))
    assert hit(record(*chat("别的问题", "好的。")), drop(record(*chat("证人住在哪里？", "好的。")))) is None


def test_a_field_that_is_named_is_bound_however_short_and_an_empty_one_never() -> None:
    patch = drop(record(*chat("Call 555-0100", "Done."), system=""), "messages[0].content", "system", "context")
    assert hit(record(*chat("Hi", "Hello", "Call 555-0100", "No.")), patch) == "s:0"
    assert hit(record(*chat("Hi", "Hello")), patch) is None


def test_calls_of_tools_belong_to_the_reply() -> None:
    def calling(city: str) -> Record:
        call = ToolCall(None, "weather", f'{{"city": "{city}"}}')
        return Record([Message("user", "Weather?"), Message("assistant", "", None, (call,))], ("x",), prompt_turns=1)

    patch = drop(calling("Marble Lane, in the old mill town"))
    assert hit(calling("Marble Lane, in the old mill town"), patch)
    assert hit(calling("Rome"), patch) is None


def test_a_takedown_wins_then_the_smallest_id() -> None:
    one = record(*chat(ASK, REPLY))
    patches = [drop(one, row_id="a:1", kind="drop"), drop(one, row_id="b:2"), drop(one, row_id="b:1")]
    assert hit(one, *patches) == hit(one, *reversed(patches)) == "b:1"


def cleaned(folder: Path, records: pa.Table, off: str | None, patches: list[Patch]) -> tuple[list[str], set[str]]:
    """Return the ids of the clean records, and of the rows that match, with the rule ``off`` switched off."""
    write_table(part(folder / "in", 0), records, records.schema)
    clean, edits, found = (folder / name for name in ("records", "edits", "matches"))
    rules = [rule for rule in RULES if rule.name != off]
    mine = {patch.row_id: patch for patch in patches}
    clean_bucket(Task(0, folder / "in", clean, edits, found, rules, mine, by_digest(patches)))
    ids, matching = (read_table(part(one, 0), ["row_id"])["row_id"].to_pylist() for one in (clean, found))
    return ids, set(matching)


@pytest.mark.parametrize("off", [None, *(rule.name for rule in RULES)])
def test_no_cleaning_rule_brings_a_row_back(tmp_path: Path, off: str | None) -> None:
    rows = table(
        a=record(*chat(ASK, DIRTY)),
        b=record(*chat(ASK, DIRTY), system="Be\u200b kind &amp; brief ."),
        c=record(*chat(ASK, REPLY)),
    )
    patch = drop(record(*chat(ASK, DIRTY)), row_id="gone:1")
    ids, found = cleaned(tmp_path, rows, off, [patch])
    assert found == {"s:a", "s:b"}
    assert ids == ["s:a", "s:b", "s:c"], "every row stays until filter"


def test_a_text_that_a_patch_brings_back_is_found(tmp_path: Path) -> None:
    edit = {"messages[1].content": FieldEdit(digest("I do not know."), REPLY)}
    patches = [Patch("s:a", "Ann", "r", edits=edit), drop(record(*chat(ASK, REPLY)), row_id="gone:1")]
    assert cleaned(tmp_path, table(a=record(*chat("What?", "I do not know."))), None, patches)[1] == {"s:a"}


def test_without_texts_no_row_is_looked_at() -> None:
    assert matches(pa.table({"row_id": ["s:x"]}), by_digest([Patch("s:0", "Ann", "r", drop="drop")])) == {}
