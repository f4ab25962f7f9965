"""What speaks for a sign being content: words of the prompt that make it the subject, numbers that marks point at."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from winnow.cleaning.row import Said

_FILE = Path(__file__).with_name("subjects.toml")


def speaks_of(subject: str, text: str) -> bool:
    """Tell whether a text in small letters has one of the words of a subject, a table of ``subjects.toml``.

    >>> speaks_of("markup", "put it into html"), speaks_of("markup", "a vintage watch")
    (True, False)
    """
    return subjects()[subject](text)


@cache
def subjects() -> dict[str, Callable[[str], bool]]:
    """Return for each subject a test of a text in small letters."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: _words(table) for name, table in tables.items()}


def _words(table: Mapping[str, Any]) -> Callable[[str], bool]:
    words = tuple(str(word) for word in table["words"])
    patterns = tuple((str(literal), re.compile(pattern)) for literal, pattern in table["patterns"].items())

    def found(text: str) -> bool:
        return any(word in text for word in words) or any(
            literal in text and pattern.search(text) for literal, pattern in patterns
        )

    return found


_NUMBERED = re.compile(
    r"^[ \t>*-]*(?:\[\d{1,3}\]|【\d{1,3}】|\[\^?(?:doc|source)?[ _-]?\d{1,3}\]"
    r"|(?:passages?|documents?|docs?|sources?|snippets?|contexts?|chunks?|results?|references?|quotes?|excerpts?"
    r"|articles?|citations?|段落|文档|文檔|资料|資料|来源|來源|片段|文献|材料|参考)"
    r"[ \t]*[#№]?[ \t]*[\[(（【]?\d{1,3}[\])）】]?[ \t]*(?:[:：.、)\]（(|-]|$))"
    r"|<(?:doc|document|passage|source|result|chunk|context|snippet)s?\b[^<>\n]{0,80}(?:id|index|n|number)[ \t]*=",
    re.IGNORECASE | re.MULTILINE,
)
_LISTED = re.compile(r"^[ \t]*[(（]?(\d{1,2})[.)、）][ \t]*\S", re.MULTILINE)
_SHOWN = 3
_QUOTES = ".,;:!?()[]{}<>\"'“”‘’`。，；：！？（）「」"


def numbered(said: Said) -> bool:
    """Tell whether the prompt, or what a tool returned, has numbers that marks may point at."""
    return _NUMBERED.search(said.shown) is not None


def listed(said: Said) -> bool:
    """Tell whether the prompt has a list numbered from 1, which marks of a reply may point at."""
    return {"1", "2"} <= set(_LISTED.findall(said.shown))


def both_forms(said: Said, before: str, after: str) -> bool:
    """Tell whether a word as it reads ``after`` a change stands in the row already: then it shows both on purpose.

    Who shows what goes wrong shows a word or two; a text with more of them was damaged.

    >>> from winnow.cleaning.row import alone
    >>> both_forms(alone("cafÃ© is not café.", "response").said, "cafÃ© is not café.", "café is not café.")
    True
    """
    words = {word.strip(_QUOTES) for word in Counter(after.split()) - Counter(before.split())}
    if len(words) > _SHOWN:
        return False
    texts = (said.shown, *said.replies)
    return any(word in text for word in words if len(word) > 1 and not word.isascii() for text in texts)
