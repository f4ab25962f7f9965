"""Digests: the quick way to the JSON that they are made of gives the very bytes of the plain one."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from winnow.records.identity import content_hash, digest, text_digest
from winnow.records.record import Message, canonical_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["", '"', "\\", "\\n", "\n\t", "\r", "\x00", "\x01", "\x01,\x01", "\x7f\x80\u2028", "你好", "😀", 'a","b']
)
MAYBE = st.none() | TEXT


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(TEXT, max_size=4))
@example(texts=["a\x01,\x01b"])
@example(texts=["a", "b"])
def test_text_digest_is_that_of_a_json_list(texts: list[str]) -> None:
    assert text_digest(texts) == digest(canonical_json(texts))


@settings(max_examples=300, deadline=None)
@given(system=MAYBE, context=MAYBE, turns=st.lists(st.tuples(TEXT, TEXT), max_size=3), tools=MAYBE)
def test_content_hash_is_that_of_a_json_list(
    system: str | None, context: str | None, turns: list[tuple[str, str]], tools: str | None
) -> None:
    expected = digest(canonical_json([system, context, turns, None, tools]))
    assert content_hash(system, context, [Message(*turn) for turn in turns], None, tools) == expected


def test_hash_of_turns_with_more_than_text_stays_as_it_was() -> None:
    """A row's hash binds labels to it: a released one must not change."""
    call: dict[str, Any] = {"id": None, "name": "f", "arguments": "{}"}
    turns = [Message("user", "1+1?"), Message("assistant", "2", reasoning="easy")._asdict() | {"tool_calls": [call]}]
    text = '[null,"c",[["user","1+1?"],["assistant","2","easy",[[null,"f","{}"]]]],[[[["assistant","3"]],1,null]],null]'
    assert content_hash(None, "c", turns, [((Message("assistant", "3"),), 1, None)], None) == digest(text)
