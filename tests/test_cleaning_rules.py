"""Cleaning rules: cases that anyone can extend (tests/cases/clean_*.json) and properties of any text."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.clean import main
from tests.comments import comments
from winnow.cleaning.apply import clean_text, may_change
from winnow.cleaning.row import alone
from winnow.cleaning.rules import RULES, Rule
from winnow.report import words

CASES = Path(__file__).parent / "cases"
BY_NAME = {rule.name: rule for rule in RULES}
FIELDS = ("system", "context", "instruction", "response")


def load_cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("clean_*.json")):
        name = path.stem.removeprefix("clean_")
        if name not in BY_NAME:
            continue
        for case in json.loads(path.read_text(encoding="utf-8")):
            marks = [pytest.mark.xfail(strict=True, reason=case["comment"])] if case.get("xfail") else []
            yield pytest.param(BY_NAME[name], case, id=f"{name}: {case['label']!a}", marks=marks)


@pytest.mark.parametrize(("rule", "case"), list(load_cases()))
def test_case(rule: Rule, case: dict[str, Any]) -> None:
    assert case["field"] in rule.fields
    assert rule.fix(case["before"], alone(case["before"], case["field"])) == case["after"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_cases_of_all_kinds(rule: Rule) -> None:
    cases = json.loads((CASES / f"clean_{rule.name}.json").read_text(encoding="utf-8"))
    kinds = {"xfail" if c.get("xfail") else c["before"] == c["after"] for c in cases}
    assert kinds == {"xfail", True, False}


def test_the_comment_of_a_switch_and_the_help_of_its_option_are_the_sentence_of_the_rule() -> None:
    sentences = {rule.name: rule.sentence for rule in RULES}
    assert comments("clean") == sentences
    switches = [param for param in main.params if isinstance(param, click.Option) and param.name in sentences]
    assert {switch.name: switch.help for switch in switches} == sentences
    assert {"patch": "A person changed it.", **sentences} == words.RULES


def test_a_rule_whose_name_says_no_is_switched_off_by_keep() -> None:
    flags = {param.name: (*param.opts, *param.secondary_opts) for param in main.params}
    assert flags["html"] == ("--html", "--no-html")
    assert flags["no_output"] == ("--no-output", "--keep-no-output")


def fix(name: str, text: str) -> str:
    """Return a text after one rule, as a reply to nothing."""
    return BY_NAME[name].fix(text, alone(text, "response"))


def triggered(rule: Rule, texts: list[str]) -> list[bool]:
    mask: list[bool] = pc.match_substring_regex(pa.array(texts, pa.large_string()), rule.trigger).to_pylist()
    return mask


# Text made of the pieces that the rules look for, so that chance puts them side by side.
PIECES = st.sampled_from(
    [
       
        *" \n\t\r\x00\x0b\x0c\x1b\x85\xa0\u3000\u2028\ufeff\ufffe\u200b\u200c\u200d\u200e\u202e\u2066\ufe0f",
        *"\U000e0067\U000e007f\U000e0100🏴❤👩1#é́ÃÂâ€™œ“”‘’–—…你好中文，。！？：；、,.?!:;'\"()[]{}<>|`$\\*-_=&%/~«»",
        *"aIx0259شלकあア한", "  ", "\n\n\n", "　　", "。。", "，，", "```", "``", "~~~", "\n", " ,", " .",
        " ?", " !", "...", "[3]", "[12]", "[a]", "[note 1]", "[citation needed]", "[1] ", "[^1]", "word",
        "The castle", "It ended.", "year 2001.", "<br>", "<br/>", "</p>", "<p>", "<b>", "</b>",
        "<a href='x'>", "</a>", "<i>", "<li>", "&amp;", "&lt;", "&gt;", "&#39;", "&nbsp;", "lt;", "amp;",
        "html", "<noinput>", "no input", "None", "N/A", "无", "无输入", "<nooutput>", "No output", "无输出",
        "\n##\n", "\n18. Instruction: go", "\n18. Input:", "\n18. Output: x", "\n### Instruction:",
        "\n### Response:", "\n指令：", "\n输入：", "\n输出：", "\n12. 指令：", "\n12. 输出：",
        "今天天气很好", "我们去公园", "比尔.盖茨", "\\(", "\\)", "$x$", "https://a.b/c", "x = 1",
        "def f():", "a[3]", "cafÃ©", "e\u0301", "\x1b[0m", "می\u200cخواهم", "クラス", "Vous venez", "i++;",
        "{", "git add .",
    ]
)  # fmt: skip
PIECED = st.lists(PIECES, max_size=14).map("".join)
TEXTS = PIECED | st.text(max_size=40)
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@MANY
@given(text=TEXTS)
def test_rule_is_idempotent_and_its_trigger_misses_nothing(rule: Rule, text: str) -> None:
    row = alone(text, sorted(rule.fields)[0])
    fixed = rule.fix(text, row)
    assert rule.fix(fixed, row) == fixed
    if fixed != text:
        assert triggered(rule, [text]) == [True]
        assert may_change(rule.trigger)(text)


@pytest.mark.parametrize("field", FIELDS)
@MANY
@given(text=TEXTS)
def test_cleaning_twice_is_cleaning_once(field: str, text: str) -> None:
    once = clean_text(text, field)
    assert clean_text(once, field) == once


# Alphabets of the encodings that mojibake passes through, with the characters that the trigger leaves out.
LATIN_1 = "".join(map(chr, range(0xA0, 0x100)))
WINDOWS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
MAC = "".join(bytes([b]).decode("mac_roman") for b in range(0x80, 0x100))


@MANY
@given(text=st.text(alphabet="aZ0 ?\n‘’“”–—…中文あア，。！ＡＢ가나〜", max_size=30))
def test_text_that_the_mojibake_trigger_skips_is_unchanged_by_ftfy(text: str) -> None:
    rule = BY_NAME["mojibake"]
    assert triggered(rule, [text]) == [False]
    assert fix("mojibake", text) == text


@MANY
@given(text=st.text(alphabet=LATIN_1 + WINDOWS + MAC + "a \n中Я", max_size=20))
def test_mojibake_trigger_on_alphabets_of_mojibake(text: str) -> None:
    rule = BY_NAME["mojibake"]
    row = alone(text, "response")
    fixed = rule.fix(text, row)
    assert rule.fix(fixed, row) == fixed
    assert fixed == text or triggered(rule, [text]) == [True]


@pytest.mark.parametrize("wrong", ["latin-1", "windows-1252", "mac_roman", "windows-1251"])
def test_mojibake_is_undone(wrong: str) -> None:
    text = "l’été à Zürich — naïve"
    assert fix("mojibake", text.encode().decode(wrong, errors="ignore")) != ""
    if wrong != "windows-1251":
        spoilt = "l’été à Paris".encode().decode("sloppy-windows-1252" if wrong == "windows-1252" else wrong)
        assert fix("mojibake", spoilt) == "l’été à Paris"


CLEAN = [
    "今天天气很好，我们一起去公园散步吧！",
    "“真的吗？”他问，“那太好了……”——说完就走了。",
    "　　从前有座山，山里有座庙。\n　　庙里有个老和尚。",
    "項目：①需求；②設計（含Ａ、Ｂ兩案）；③測試。",
    "Use `x  =  1` or:\n\n```cpp\nstd::vector<int>  v;   \n\n\n\nint a[3] = {1};\n```",
    "def f(a):\n    return a[0]\n\n\nprint(f([1]))",
    "👩‍💻 wrote 1️⃣ app for 🏴󠁧󠁢󠁳󠁣󠁴󠁿 ❤️🏳️‍🌈 👍🏽",
    "می‌خواهم کتاب‌ها را بخوانم.",
    "今日は良い天気ですね。コーヒー,紅茶.",
    "한국어 문장입니다. 괜찮아요?",
    "Tiếng Việt có dấu: ệ, ờ, ữ.",
    "Vous venez\u00a0? « Oui\u00a0! »",
    "Let $f(x) = x^2$; then \\(f'(x) = 2x\\) and |x| < 3.",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "1. First\n   - nested\n2. Second\n\nSee [docs](http://example.org) and the <your name> field.",
]


@pytest.mark.parametrize("text", CLEAN)
@pytest.mark.parametrize("field", FIELDS)
def test_clean_text_is_unchanged(text: str, field: str) -> None:
    assert clean_text(text, field) == text


REMOVED = {
    "control": re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufff9-\ufffb\ufffe\uffff]"),
    "invisible": regex.compile("[\u00ad\u180e\u202d\u202e\u2060-\u2064\u206a-\u206f]"),
    "whitespace": re.compile(r"\A\n|[ ](?=\n)"),
}


@pytest.mark.parametrize("name", REMOVED)
@MANY
@given(text=TEXTS)
def test_output_is_free_of_what_the_rule_removes(name: str, text: str) -> None:
    text = text.replace("`", "").replace("$", "").replace("\\", "").replace("~", "").replace("://", "")
    assert not REMOVED[name].search(fix(name, text))


@MANY
@given(text=TEXTS)
def test_hidden_tags_survive_only_as_flags(text: str) -> None:
    fixed = fix("invisible", text)
    flags = regex.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f")
    assert not regex.search("[\U000e0000-\U000e007f]", flags.sub("", fixed))


@MANY
@given(before=PIECED, code=st.text(alphabet="ab =[]<>&;,.\t \n1你好，", max_size=30))
def test_bytes_in_a_fence_are_unchanged(before: str, code: str) -> None:
    fence = f"```\n{code}\n```"
    text = before.replace("`", "").replace("~~~", "") + "\n" + fence
    for name in ("html", "citation", "punctuation", "whitespace"):
        if "\\" not in text and "$" not in text:
            assert fence in fix(name, text)
