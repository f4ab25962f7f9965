"""Slow plain-Python versions of what the text room computes on columns, and texts to test them on."""

import unicodedata

import pyarrow as pa
from hypothesis import strategies as st

from winnow.text.codepoints import SEPARATOR, SINGLE, classify, codepoints

PIECES = st.sampled_from(
    [
        *"aZ9 .,!?\n\t\r\x0b\x1f\x85\xa0\u2028\u3000-_+*/=<>@#$你好世界。，！？𠮷𨋢かなカナ한국어ไทยмирسلام",
        *"éÉßİΣς²½Ⅷﬁ①ＡｂＣ　😀👩\u200d💻❤\ufe0f\u0301\u0308\U000e0100ख\u093fक\u094d",
        "word", "Word", "T\u0308", "J\u030c", "don't", "2+3", "two words", "中文 and English", "x²", "  ", "",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=25).map("".join) | st.text(
    st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=30
)
COLUMNS = st.lists(TEXTS, max_size=8)


def column(texts: list[str]) -> pa.Array:
    """Return a column of ``texts`` with an offset, as a slice of a larger table has one."""
    return pa.array(["before 前", *texts, "after"], pa.string()).slice(1, len(texts))


def split_tokens(text: str) -> list[str]:
    """Return the mixed tokens of ``text``: words, and characters of scripts without spaces."""
    tokens: list[str] = []
    word = ""
    for character, kind in zip(text, classify(codepoints(pa.array([text])).points).tolist(), strict=True):
        if kind in (SEPARATOR, SINGLE):
            tokens += [word] if word else []
            word = ""
            tokens += [character] if kind == SINGLE else []
        else:
            word += character
    return [*tokens, word] if word else tokens


def runs(tokens: list[str], n: int) -> list[tuple[str, ...]]:
    """Return the runs of ``n`` tokens; one run of all where there are fewer."""
    if len(tokens) < n:
        return [tuple(tokens)] if tokens else []
    return [tuple(tokens[at : at + n]) for at in range(len(tokens) - n + 1)]


def normal(text: str) -> str:
    """Return ``text`` in compatibility form, small letters, white space runs as one space."""
    lowered = [c.lower() if len(c.lower()) == 1 else c.lower()[0] for c in unicodedata.normalize("NFKC", text)]
    return " ".join(unicodedata.normalize("NFKC", "".join(lowered)).split())
