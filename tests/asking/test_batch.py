"""Batch files: what is written for the Batch API and ``vllm run-batch``, and what of their results is taken in."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import fakestage
from winnow.asking.batch import BYTES, LINES, Imported, export, results
from winnow.asking.outcome import Reading
from winnow.harness.errors import UserError
from winnow.ledger.line import Reply

REQUESTS = fakestage.requests(6)
KEYS = [request.key for request in REQUESTS]


def completion(text: str | None = "8", **changes: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    value = {"model": fakestage.MODEL, "choices": [choice], "usage": {"prompt_tokens": 5, "completion_tokens": 1}}
    return value | changes


def result(key: str, status: int = 200, body: Any = None, error: Any = None) -> dict[str, Any]:
    return {
        "id": "x",
        "custom_id": key,
        "response": {"status_code": status, "request_id": "r", "body": body},
        "error": error,
    }


def taken(tmp_path: Path, *lines: Any, known: tuple[str, ...] = ()) -> tuple[Imported, dict[str, Reply]]:
    file, kept = tmp_path / "out.jsonl", list[Reply]()
    text = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in lines)
    file.write_text(text, encoding="utf-8")
    wanted = set(KEYS) - set(known)
    reading = Reading(fakestage.FAKE.accepts, lambda text: text.replace("sk-secret", "[key]"), fakestage.FAKE.advice)
    found = results([file], wanted.__contains__, known.__contains__, reading, kept.append)
    assert len({reply.key for reply in kept}) == len(kept)
    return found, {reply.key: reply for reply in kept}


def test_every_request_stands_in_one_line_of_a_file_within_the_limits(tmp_path: Path) -> None:
    files = export(iter(REQUESTS), tmp_path / "batch", "judge", lines=4)
    assert [(path.name, count) for path, count in files] == [("judge-0001.jsonl", 4), ("judge-0002.jsonl", 2)]
    lines = [json.loads(line) for path, _ in files for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["custom_id"] for line in lines] == KEYS
    assert [line["body"] for line in lines] == [request.body for request in REQUESTS]
    assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
    size = max(len(line) for path, _ in files for line in path.read_bytes().splitlines()) + 1
    again = export(iter(REQUESTS), tmp_path / "small", "judge", size=2 * size)
    assert all(path.stat().st_size <= 2 * size for path, _ in again)
    assert b"".join(path.read_bytes() for path, _ in again) == b"".join(path.read_bytes() for path, _ in files)
    assert (LINES, BYTES) == (50_000, 100_000_000)
    with pytest.raises(UserError, match="give an empty folder"):
        export(iter(REQUESTS), tmp_path / "batch", "judge")


def test_results_are_replies_with_a_status_or_stay_pending(tmp_path: Path) -> None:
    cut = completion()
    cut["choices"][0]["finish_reason"] = "length"
    found, kept = taken(
        tmp_path,
        result(KEYS[0], body=completion("8 sk-secret")),
        result(KEYS[1], body=cut),
        result(KEYS[2], 400, body={"error": {"message": "too long, sk-secret"}}),
        result(KEYS[3], 500, body={"error": {"message": "oops"}}),
        {"id": "x", "custom_id": KEYS[4], "response": None, "error": {"code": "batch_expired", "message": "late"}},
        result(KEYS[5], body=completion(model="gpt-2")),
    )
    assert found.replies == {"ok": 1, "cut": 1, "rejected": 1, "other_model": 1}
    assert found.faults == {"http_500": 1, "batch_expired": 1}
    assert (kept[KEYS[0]].reply, kept[KEYS[0]].prompt_tokens) == ("8 [key]", 5)
    assert kept[KEYS[2]].reply == "too long, [key]"


def test_results_of_vllm_say_their_errors_beside_the_response(tmp_path: Path) -> None:
    error = {"error": {"message": "no such parameter", "type": "BadRequestError", "code": 400}}
    old = {"object": "error", "message": "prompt too long", "code": 400}
    found, kept = taken(
        tmp_path, result(KEYS[0], 400, error=error), result(KEYS[1], 400, error=old), result(KEYS[2], 500, error=old)
    )
    assert [kept[key].reply for key in KEYS[:2]] == ["no such parameter", "prompt too long"]
    assert found.faults == {"http_500": 1}


def test_known_unknown_repeated_and_bad_lines_are_counted(tmp_path: Path) -> None:
    good = result(KEYS[0], body=completion())
    found, kept = taken(
        tmp_path, good, good, result(KEYS[1], body=completion()), result("f" * 32, body=completion()), result("mine"),
        '{"custom_id": "half', "", "[1]", json.dumps({"custom_id": 5}), "[" * 100_000, known=(KEYS[1],),
    )  # fmt: skip
    assert (list(kept), found.known, found.unknown, found.bad_lines) == ([KEYS[0]], 2, 2, 4)
    assert found.bad[0] == f"{tmp_path / 'out.jsonl'}, line 6: no JSON, or cut short"
    assert [line.split(":")[0][-7:].strip() for line in found.bad] == ["line 6", "line 8", "line 9", "line 10"]


def test_a_fault_in_one_file_and_a_reply_in_another_is_a_reply(tmp_path: Path) -> None:
    found, kept = taken(tmp_path, result(KEYS[0], 500), result(KEYS[0], body=completion()), result(KEYS[0], 500))
    assert (found.replies, kept[KEYS[0]].status) == ({"ok": 1}, "ok")


@pytest.mark.parametrize(
    "body",
    [None, {}, {"choices": []}, {"choices": [{}, {}]}, {"choices": [{"message": None}]}, "text", {"error": "no"}],
)
def test_a_body_that_is_no_completion_is_no_reply(tmp_path: Path, body: Any) -> None:
    found, kept = taken(tmp_path, result(KEYS[0], body=body))
    assert (kept, found.faults.total()) == ({}, 1)
