"""Constraints checked a second time, in plain Python and by one common way of counting each; knows no checker.

What was written into prompts is held against this: two programs that count differently and agree are not both wrong.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any


def _words(text: str, language: str) -> int:
    return sum("\u4e00" <= char <= "\u9fff" for char in text) if language == "zh" else len(text.split())


def _sentences(text: str, language: str) -> list[str]:
    parts = re.split("[。！？]+" if language == "zh" else r"(?<=[.!?])\s+", text.strip())
    return [part for part in parts if part.strip(" \"'”’）)")]


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _bulleted(text: str) -> int:
    return sum(line[:2] in ("- ", "* ", "+ ", "• ", "· ") for line in _lines(text))


def _numbered(text: str) -> int:
    return sum(re.match(r"[(（]?\d+[.)、．）]", line) is not None for line in _lines(text))


def _is_json(text: str) -> bool:
    body = re.sub(r"^```\w*\n|\n?```$", "", text.strip())
    try:
        return isinstance(json.loads(body), dict | list)
    except ValueError:
        return False


def _bare(text: str) -> str:
    return text.rstrip().rstrip("\"”’'」*_) ").rstrip()


COUNTS: Mapping[str, Callable[[str, str], int]] = {
    "length": _words,
    "sentences": lambda text, language: len(_sentences(text, language)),
    "longest_sentence": lambda text, language: max(
        (_words(one, language) for one in _sentences(text, language)), default=0
    ),
    "paragraphs": lambda text, _: len(_paragraphs(text)),
    "bullets": lambda text, _: _bulleted(text),
    "numbered": lambda text, _: _numbered(text),
    "list_lines": lambda text, _: _bulleted(text) + _numbered(text),
    "headings": lambda text, _: sum(re.match("#+ ", line) is not None for line in _lines(text)),
    "bold": lambda text, _: text.count("**") // 2,
    "tables": lambda text, _: sum(set(line) <= set("|-: ") and "--" in line for line in _lines(text)),
    "code_blocks": lambda text, _: text.count("```") // 2,
    "json": lambda text, _: int(_is_json(text)),
    "titles": lambda text, _: min(text.count("<<"), text.count(">>")),
    "placeholders": lambda text, _: len(re.findall(r"\[[^\]\d][^\]]*\]", text)),
    "postscripts": lambda text, _: sum(
        line.lstrip("*").startswith(("P.S", "PS", "附注", "又及", "附言")) for line in _lines(text)
    ),
    "separators": lambda text, _: _lines(text).count("******"),
    "quoted": lambda text, _: int(text.strip()[:1] in tuple('"“「『') and text.strip()[-1:] in tuple('"”」』')),
    "question_ends": lambda text, _: int(_bare(text).endswith(("?", "？"))),
    "questions": lambda text, _: text.count("?") + text.count("？"),
    "exclamations": lambda text, _: text.count("!") + text.count("！"),
    "commas": lambda text, _: text.count(",") + text.count("，"),
    "digits": lambda text, _: sum(char.isdigit() for char in text if char not in "²³¹"),
    "brackets": lambda text, _: sum(text.count(sign) for sign in "()[]（）【】"),
    "capital_words": lambda text, _: sum(word.isupper() and len(word) > 1 for word in re.findall(r"\w+", text)),
    "lower_case": lambda text, _: int(text == text.lower()),
    "upper_case": lambda text, _: int(text == text.upper()),
}


def holds(check: str, language: str, arguments: Mapping[str, Any], text: str) -> bool:
    """Say whether a text meets a constraint; a check that is not known here raises :class:`KeyError`."""
    relation, _, name = check.partition(" ")
    if name:
        count, asked = COUNTS[name](text, language), arguments.get("count", 0)
        return {
            "exactly": count == asked,
            "at_most": count <= asked,
            "at_least": count >= asked,
            "some": count > 0,
            "no": count == 0,
        }[relation]
    low, word = text.lower(), str(arguments.get("word", "")).lower()
    if check in ("includes", "includes_times"):
        return low.count(word) >= int(arguments.get("count", 1))
    if check == "excludes":
        return word not in low
    if check == "letter_times":
        return low.count(arguments["letter"].lower()) >= arguments["count"]
    if check == "starts_with":
        return text.strip().startswith(arguments["phrase"])
    if check == "ends_with":
        return _bare(text).endswith(_bare(arguments["phrase"]))
    if check == "paragraph_starts":
        part = _paragraphs(text)[arguments["paragraph"] - 1 : arguments["paragraph"]]
        return bool(part) and part[0].lstrip("\"'“*#- ").startswith(arguments["word"])
    return {"one_of": lambda: _bare(text).rstrip(".。") in re.split(" *[/] *", arguments["options"])}[check]()
