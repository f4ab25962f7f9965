"""What is broken in files that people published stays broken: named by file and line, never fixed by a guess.

Seen in the wild: Chinese Alpaca files with one comma too many, PandaLM replies that are JSON ``true``, InstructionWild
rows with escapes that JSON does not know and with line ends inside texts. Each kind stands here as a made-up twin and,
where the real data is there, is put into a real file.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.real import file_of
from tests.sources.test_mutations import check, normalized
from winnow.adding.recognise import surest
from winnow.harness.errors import UserError
from winnow.reading.tally import Tally

ZH = [
    {"instruction": "写一句诗。", "input": "", "output": "春眠不觉晓，处处闻啼鸟。"},
    {"instruction": "翻译。", "input": "tree", "output": "树"},
    {"instruction": "列出三种水果。", "input": "", "output": "苹果、梨、桃。"},
]
WILD = [{"instruction": f'Say\n"{n}" in Tom\'s words.', "instruction_type": "Generation"} for n in range(4)]
REAL_ZH = "alpaca_zh/alpaca_data-0-3252-中文-已完成.json"


def chinese(which: str) -> str:
    return json.dumps(ZH, ensure_ascii=False, indent=4) if which == "twin" else text_of(REAL_ZH)


def wild(which: str) -> str:
    return (
        "".join(json.dumps(row) + "\n" for row in WILD) if which == "twin" else text_of("instruction_wild/user_1.jsonl")
    )


def text_of(name: str) -> str:
    return file_of(name).read_text(encoding="utf-8-sig").replace("\r\n", "\n")


def read(
    folder: Path, text: str, adapter: str = "alpaca"
) -> tuple[Tally, list[tuple[str, ...]], list[tuple[Any, ...]]]:
    """Return tally, texts of the records, and what was left out as (line, reason, detail, raw)."""
    folder.mkdir()
    path = folder / "x.json"
    path.write_text(text, encoding="utf-8")
    tally, records, left_out = normalized(adapter, path)
    check(tally, records, left_out)
    texts = sorted(tuple(turn["content"] for turn in row["messages"]) for row in records.to_pylist())
    assert {one["file"] for one in left_out.to_pylist()} <= {path.as_posix()}
    left = [tuple(one[name] for name in ("line", "reason", "detail", "raw")) for one in left_out.to_pylist()]
    return tally, texts, sorted(left)


@pytest.mark.parametrize("which", ["twin", "real"])
def test_a_comma_before_the_end_of_the_array(tmp_path: Path, which: str) -> None:
    text = chinese(which).rstrip()
    broken = text[:-1].rstrip() + ",\n]\n"
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken)
    whole, texts, _ = read(tmp_path / "whole", text)
    tally, rest, left = read(tmp_path / "broken", broken)
    line = broken.rstrip("]\n").count("\n") + 1
    assert left == [(line, "trailing_comma", "a comma before the ] that closes the array", ",")]
    assert (tally.units, tally.used, rest) == (whole.units + 1, whole.used, texts)


@pytest.mark.parametrize("which", ["twin", "real"])
def test_a_comma_before_the_end_of_a_row(tmp_path: Path, which: str) -> None:
    text = chinese(which)
    row = json.loads(text)[1]
    output = json.dumps(row["output"], ensure_ascii=False)
    at = text.index(output, text.index(json.dumps(row["instruction"], ensure_ascii=False)[1:-1])) + len(output)
    broken = f"{text[:at]},{text[at:]}"
    tally, rest, left = read(tmp_path / "broken", broken)
    ((line, reason, detail, raw),) = left
    assert (reason, raw) == ("invalid_json", broken[broken.rindex("{", 0, at) : broken.index("}", at) + 1])
    assert line == broken.count("\n", 0, broken.rindex("{", 0, at)) + 1
    assert "at character" in detail
    _, texts, _ = read(tmp_path / "whole", text)
    texts.remove(next(one for one in texts if one == (row["instruction"], row["output"])))
    assert (tally.used, rest) == (tally.units - 1, texts)


PANDA = {"idx": 3, "instruction": "Is 3 odd?", "input": "", "annotator1": 1, "annotator2": 1, "annotator3": 2}


def test_a_reply_that_is_true_is_no_text(tmp_path: Path) -> None:
    rows = [{**PANDA, "response1": "Yes.", "response2": True}, {**PANDA, "response1": True, "response2": "No."}]
    tally, read_texts, left = read(tmp_path / "x", "".join(json.dumps(row) + "\n" for row in rows), "pairwise")
    assert (tally.units, read_texts) == (2, [])
    details = [f"'response{n}' is true or false, not text" for n in (2, 1)]
    assert left == [(n, "wrong_type", details[n - 1], json.dumps(row)) for n, row in enumerate(rows, 1)]


def test_real_replies_that_are_true(tmp_path: Path) -> None:
    text = text_of("pandalm/testset-v1.json")
    bad = [row for row in json.loads(text) if True in (row["response1"], row["response2"])]
    tally, rows, left = read(tmp_path / "x", text, "pairwise")
    assert (tally.units, len(rows), len(left), len(bad)) == (999, 993, 6, 6)
    lines = text.split("\n")
    for line, reason, detail, raw in left:
        assert (reason, json.loads(raw) in bad) == ("wrong_type", True)
        assert "is true or false, not text" in detail
        assert raw.split("\n")[0] in lines[line - 1]


@pytest.mark.parametrize("which", ["twin", "real"])
@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [("'", "\\'", "Invalid \\escape"), ("\\n", "\\x0a", "Invalid \\escape"), ("\\n", "\n", "Unterminated string")],
    ids=["quote escaped as in Python", "character escaped as in C", "line end inside a text"],
)
def test_a_row_of_lines_that_is_no_json(tmp_path: Path, which: str, old: str, new: str, detail: str) -> None:
    """None of its rows has a reply, so all are quarantined, the broken one for another reason than its neighbours."""
    lines = wild(which).splitlines()
    at = next(n for n, line in enumerate(lines) if old in line and n > 0)
    lines[at] = lines[at].replace(old, new, 1)
    broken = lines[at].split("\n")
    tally, _, left = read(tmp_path / "x", "\n".join(lines) + "\n")
    bad = [one for one in left if one[1] == "invalid_json"]
    assert [(line, raw) for line, _, _, raw in bad] == list(enumerate(broken, at + 1))
    assert detail in bad[0][2]
    assert tally.quarantined == {"invalid_json": len(broken), "missing_field": len(lines) - 1}


@pytest.mark.parametrize("which", ["twin", "real"])
def test_instructions_without_replies_are_refused_by_name(tmp_path: Path, which: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(wild(which), encoding="utf-8")
    with pytest.raises(UserError, match="no adapter knows this format \\(keys: instruction, instruction_type\\)"):
        surest([(path, Path(path.name))], "utf-8", 50)


def test_a_line_end_inside_a_text_of_an_array(tmp_path: Path) -> None:
    text = json.dumps(ZH, ensure_ascii=False, indent=1).replace("，", "\n")
    tally, rows, left = read(tmp_path / "x", text)
    ((line, reason, detail, raw),) = left
    assert (tally.used, len(rows), line, reason) == (2, 2, 2, "invalid_json")
    assert "control character" in detail
    assert raw.endswith('处处闻啼鸟。"\n }')
