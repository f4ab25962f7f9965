"""A line of the ledger: what is written is read back, and nothing else is."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.replies import REPLIES, line, reply
from winnow.ledger.check import Fault, check_lines
from winnow.ledger.line import MAX_LINE, Reply, from_line, to_line

GOOD = line(1).decode()


@given(REPLIES)
def test_what_is_written_is_read_back(one: Reply) -> None:
    text = to_line(one)
    assert text.count("\n") == 1
    assert from_line(text) == from_line(text.encode()) == from_line(text.rstrip("\n")) == one
    assert not isinstance(check_lines(text.encode()), Fault)


@given(REPLIES, st.data())
def test_no_other_bytes_are_read_line_by_line_or_all_at_once(one: Reply, data: st.DataObject) -> None:
    raw = bytearray(to_line(one).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    changed = bytes(raw)
    if changed == to_line(one).encode():
        return
    with pytest.raises(ValueError, match=r"^(is|has|holds|ends|was) "):
        from_line(changed if changed != to_line(one).encode()[:-1] else changed[:-1])
    assert isinstance(check_lines(changed), Fault)


def test_half_a_surrogate_pair_is_replaced_and_the_reply_kept() -> None:
    assert from_line(to_line(reply(1, "a\ud83d"))).reply == "a\ufffd"


@pytest.mark.parametrize(
    "change",
    [
        {"key": "A" * 32},
        {"key": "0"},
        {"status": "fine"},
        {"model": None},
        {"reply": None},
        {"finish_reason": 1},
        {"prompt_tokens": -1},
        {"prompt_tokens": True},
        {"completion_tokens": 1.0},
        {"completion_tokens": 10**18},
        {"place": {"slot": 1}},
        {"reply": "x" * MAX_LINE},
    ],
)
def test_what_is_no_reply_is_never_written(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) "):
        to_line(reply(1)._replace(**change))


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "is no JSON, or was cut short"),
        (GOOD[:90], "is no JSON, or was cut short"),
        ("[" * 100_000, "is nested too deep"),
        ('{"a":' * 100_000, "is nested too deep"),
        ("[]", "is no JSON object"),
        ("{}", "has no 'completion_tokens'"),
        (GOOD.replace('"status"', '"state"'), "has the field 'state', which no reply has"),
        (GOOD.replace('"prompt_tokens":3', '"prompt_tokens":NaN'), "has a 'prompt_tokens' that is no count"),
        (GOOD.replace('"prompt_tokens":3', f'"prompt_tokens":{"9" * 5000}'), "holds a number that is too long"),
        (GOOD.replace('"ok"', '"maybe"'), "has the unknown status 'maybe'"),
        (GOOD.replace('"prompt', '"place":null,"prompt'), "has a 'place' that is no text"),
        (GOOD.replace('"ok"', "[[]]"), "has the unknown status '[[]]'"),
        (GOOD.replace("好的", "坏的"), "is not what was written: its digest is that of other bytes"),
        (
            GOOD.replace("好", "\\u597d"),
            "is not spelt as the ledger writes: sorted keys, no spaces, no needless escapes",
        ),
        (GOOD.replace("{", '{"completion_tokens":null,'), "is not spelt as the ledger writes: .*"),
        (GOOD.replace(":", ": ", 1), "is not spelt as the ledger writes: .*"),
        (GOOD.replace("ok", "\\ud800", 1), "holds half of a surrogate pair, which is no text"),
        (GOOD.replace("\n", "\r\n"), "ends with CR LF, which the ledger never writes"),
        ("<<<<<<< HEAD\n", "is a conflict mark of Git"),
        (GOOD.encode().replace("好".encode(), b"\xe5\xa5"), "is not UTF-8"),
        ("x" * MAX_LINE, "is longer than 33,554,432 bytes"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(raw: str | bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=re.compile(f"^{re.escape(problem).replace(re.escape('.*'), '.*')}$")):
        from_line(raw)
    data = (raw if isinstance(raw, bytes) else raw.encode()).removesuffix(b"\n") + b"\n"
    fault = check_lines(line(0) + data + line(2))
    assert isinstance(fault, Fault)
    assert fault.line == 2


def test_the_format_of_a_line_is_this_one() -> None:
    assert GOOD == (
        '{"completion_tokens":null,"digest":"8c2da3c100164e22c6890d386d0d1e29","finish_reason":"stop",'
        '"key":"cea3878a334b240469d159ff840b6434","model":"m-1","prompt_tokens":3,"reply":"好的 ok","status":"ok"}\n'
    )
    placed = to_line(reply(1).at({"slot": 7, "plan": "tips"}))
    assert placed.startswith('{"completion_tokens":null,"digest":"')
    assert r',"place":"{\"plan\":\"tips\",\"slot\":7}","prompt_tokens":3,' in placed
    assert reply(1).at(None) == reply(1)
