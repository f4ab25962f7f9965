"""Replies that meet constraints, made by a program: what a good model would write to a complex instruction."""

import random
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.conftest import REPOSITORY
from winnow.constraints.kind_file import kinds
from winnow.constraints.kinds import _WORDS

Asked = Mapping[str, Mapping[str, Any]]
"""Arguments by kind."""

_BODY = {
    "en": (
        "Rain falls on the old harbour all day.",
        "A lantern glows over the quiet water.",
        "Boats come home at dusk.",
    ),
    "zh": ("雨整天落在旧港口上。", "灯光照着安静的水面。", "船在黄昏时回家。"),
}


_FORMS = {"count": "[0-9]+", "paragraph": "[0-9]+", "number": "[a-z]+|[0-9]+|[零一两三四五六七八九十]+"}
_ANY = '[^\\n"”“]+?'


@cache
def _patterns() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {"en": [], "zh": []}
    for name, kind in kinds(REPOSITORY / "data/constraints").items():
        for language, wordings in kind.text.items():
            for wording in wordings:
                text = re.escape(wording).replace(r"\{s\}", "s?")
                text = re.sub(r"\\\{(\w+)\\\}", lambda one: f"(?P<{one[1]}>{_FORMS.get(one[1], _ANY)})", text)
                found[language].append((name, re.compile(text)))
    return found


def asked(instruction: str, chinese: bool) -> Asked:
    """Return the constraints that stand in an instruction in the words of their files."""
    language = "zh" if chinese else "en"
    found: dict[str, dict[str, Any]] = {}
    for name, pattern in _patterns()[language]:
        if match := pattern.search(instruction):
            given = dict(match.groupdict())
            if number := given.pop("number", None):
                given["count"] = _WORDS[language].index(number) if number in _WORDS[language] else int(number)
            found[name] = {key: int(value) if key in ("count", "paragraph") else value for key, value in given.items()}
    return found


def composed(some: Asked, lot: random.Random, chinese: bool) -> str:
    """Return a reply that meets the constraints that ``complex_instruct`` asks for, with a line of its own."""
    language = "zh" if chinese else "en"
    space = "" if chinese else " "
    count = {name: given["count"] for name, given in some.items() if "count" in given}
    body = [
        f"第{'一二三四五六七八九'[lot.randint(0, 8)]}天。" if chinese else f"It was day {lot.choice('abcdefghij')}."
    ]
    body += list(_BODY[language])
    body += (
        [f"有人说{some['includes']['word']}。" if chinese else f"Some say {some['includes']['word']}."]
        if "includes" in some
        else []
    )
    for _ in range(count.get("includes_times", 0)):
        word = some["includes_times"]["word"]
        body.append(f"他说{word}。" if chinese else f"They say {word} now.")
    body += ["**雨**来了。" if chinese else "The **rain** came."] * count.get("bold_at_least", 0)
    body += ["下雨！" if chinese else "Rain!"] * count.get("exclamations_at_least", 0)
    body += ["为何？" if chinese else "Why?"] * count.get("questions_at_least", 0)
    body += ["BIG RAIN fell."] * count.get("capital_words_at_least", 0)
    while sum(map(len, body)) < (1.3 if chinese else 7) * count.get("length_at_least", 0):
        body += _BODY[language]
    parts = count.get("paragraphs_exactly", 1)
    blocks = [space.join(body[at::parts]) for at in range(parts)]
    if "starts_with" in some:
        blocks[0] = some["starts_with"]["phrase"] + space + blocks[0]
    if "titles_some" in some:
        blocks.insert(0, "<<雨>>" if chinese else "<<Rain>>")
    blocks += [f"## {'雨' if chinese else 'Rain'}"] * count.get("headings_at_least", 0)
    blocks += ["- 雨" if chinese else "- rain"] * count.get("bullets_exactly", 0)
    blocks += [f"{n + 1}. {'雨' if chinese else 'rain'}" for n in range(count.get("numbered_exactly", 0))]
    blocks += ["| a | b |\n| --- | --- |\n| c | d |"] * ("tables_some" in some)
    end = (
        ("是这样吗？" if chinese else "Is it so?")
        if "question_ends" in some
        else some.get("ends_with", {}).get("phrase")
    )
    if end and len(blocks) > 1 and "paragraphs_exactly" not in some:
        blocks.append(end)
    elif end:
        blocks[-1] += space + end
    blocks += ["附注：雨。" if chinese else "P.S. Rain."] * ("postscripts_some" in some)
    text = ("\n\n" if "paragraphs_exactly" in some else "\n").join(blocks)
    return text.lower() if "lower_case" in some else text
