r"""Punctuation of the wrong width, doubled, or with a space before it."""

import regex

from winnow.cleaning.code import has_bare_code
from winnow.cleaning.evidence import speaks_of
from winnow.cleaning.protect import by_line, protected, sub_outside, until_stable
from winnow.cleaning.row import Row, Said

_HAN = r"\p{Han}"
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_FULL = str.maketrans(",?!;:", "，？！；：")
_BETWEEN = regex.compile(rf"(?<={_HAN})(?:([,?!;]) ?|(:))(?={_HAN})")
_LINE_END = regex.compile(rf"(?<={_HAN})([?!])(?=[”’」』）]?[ \t]*(?:\n|\Z))")
# A stop between two Han letters is left alone: "比尔.盖茨" is a name. With a space behind it, it is a stop.
_STOP = regex.compile(rf"(?<={_HAN}{{2}})\.(?=[”」』]?[ \t]*(?:\n|\Z))|(?<={_HAN}{{4}})\. (?={_HAN}{{2}})")
_DOUBLED = regex.compile(r"(?<!。)。。(?!。)|，{2,}")
# A line that may be data: JSON, a table, a key with its value, a formula, a path, a ratio in Chinese figures.
_FIGURE = r"[0-9〇零一二两三四五六七八九十百千万亿半]"
_DATA_LINE = regex.compile(rf"[\t|{{}}\[\]=<>`$\\]|\"\w+\":|{_FIGURE}:{_FIGURE}")
_SENTENCE = regex.compile(r"[。！？]|[.!?][”’」』）]?[ \t]*$")
_MIN_HAN = 10  # a shorter line with commas is more often a list or a row of a CSV than a sentence

# "?", "!" and "." must also end something: "the ! is a sign" speaks of the sign.
_SPACED = regex.compile(
    r"(?<=\p{Latin}{2}) +(?:(,)(?=\s|$)|([.?!])(?=[\"”'’)]?(?:[ \t]*(?:\n|\Z)|[ \t]+[\"“‘(]?\p{Lu})))"
)
# French sets a space before "?" and "!" (Imprimerie nationale, Lexique des règles typographiques).
_FRENCH = regex.compile(
    r"(?i)\b(?:le|la|les|des|une|est|vous|je|tu|il|elle|nous|que|qui|dans|pour|pas|ça|où|quoi|oui|très|et)\b"
    r"|\b[cdjlmnqst]['’]\p{L}{2}"
)
_SHELL = regex.compile(  # "git add ." names a directory
    r"(?i)\b(?:git|docker|npm|pip|bash|shell|terminal|commands?|director(?:y|ies)|folders?|paths?|regex|cd|find|ls)\b"
)

# Ranges around \p{Han} rather than the property: as a test of one text in Python they are ten times faster.
_ABOUT_HAN = r"[\x{2e80}-\x{9fff}\x{f900}-\x{faff}\x{16fe0}-\x{16fff}\x{20000}-\x{3ffff}]"
TRIGGER = (
    rf"{_ABOUT_HAN}(?:[,?!;] ?{_ABOUT_HAN}|:{_ABOUT_HAN}|[?!.][”’」』）]?[ \t]*(?:\n|$)|\. {_ABOUT_HAN})"
    r"|。。|，，| (?:[?!.](?:[\s\"”'’)]|$)"
    r"|,(?:[\s\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]|$))"
)


SIGN = regex.compile(
    rf"{_BETWEEN.pattern}|{_LINE_END.pattern}|{_DOUBLED.pattern}|(?<=\p{{Latin}}{{2}}) +[,.?!](?:\s|$)"
)


def punctuation(text: str, row: Row) -> str:
    r"""Set punctuation as the language of the sentence does.

    In a Chinese sentence a comma between two Han letters is full-width, and the stop at its end is "。":

    >>> from winnow.cleaning.row import Parts, Row, Said, alone
    >>> def fixed(text): return punctuation(text, alone(text, "response"))
    >>> fixed("天空是蓝色的,今天非常晴朗,我们去公园吧?\n鸟儿在树上唱歌.")
    '天空是蓝色的，今天非常晴朗，我们去公园吧？\n鸟儿在树上唱歌。'
    >>> fixed("好的。。我们马上出发，，请等一下。")
    '好的。我们马上出发，请等一下。'

    Numbers, times, Latin words, data, names, and three stops for an ellipsis are not its business:

    >>> for text in ["姓名,年龄,城市\n张三,20,北京", "时间是12:30,地点:A座", "比尔.盖茨创办了公司。",
    ...              "等等。。。好吧……",
    ...              '{"名字": "小明,小红"}', "我爱Python,很好用"]:
    ...     assert fixed(text) == text

    In Latin script a space before a comma or stop goes; French keeps its own before "?" and "!":

    >>> fixed("Well , it works ."), fixed("Vous venez ?")
    ('Well, it works.', 'Vous venez ?')
    >>> for text in ["wait ... what", "worth .5 or so", "use .NET and .py", "a , b", "Fill in ___ .",
    ...              "Run git add .", "The ! is a sign."]:
    ...     assert fixed(text) == text

    Never in code or formulas, and never in Japanese (kana present), which mixes widths by house style. The
    rule is for responses only: in an instruction or its context wrong punctuation may be what is to be
    corrected. Source for Chinese: GB/T 15834-2011.

    A prompt on punctuation, tokens or exact wording gets what it asked for, and one that sets spaces before its
    own marks is in the style of its data, which the reply keeps:

    >>> def reply(prompt, text):
    ...     turns = ("user", prompt), ("assistant", text)
    ...     return punctuation(text, Row("response", Said(lambda: Parts(turns=turns))))
    >>> reply("Tokenise: The cat sat.", "The cat sat ."), reply("Who sat , and where ?", "The cat , here .")
    ('The cat sat .', 'The cat , here .')
    """
    if _KANA.search(text) or has_bare_code(text):
        return text
    fixed = until_stable(_set, text)
    if fixed == text or speaks_of("punctuation", row.said.asked):
        return text
    return text if _SPACED.search(text) and _in_style(row.said) else fixed


def _in_style(said: Said) -> bool:
    """Tell whether the prompt sets spaces before two of its marks or more, as tokenised data does."""
    return len(_SPACED.findall(said.shown)) > 1


def _set(text: str) -> str:
    spans = protected(text)
    if _SPACED.search(text):
        kept = ("?!" if _FRENCH.search(text) else "") + ("." if _SHELL.search(text) else "")
        text = sub_outside(_SPACED, lambda m: m.group() if (m[2] or ",") in kept else m[1] or m[2], text, spans)
    lines = by_line(text, protected(text))
    return "\n".join(_set_han_line(line, spans) if len(line) >= 4 else line for line, spans in lines)


def _set_han_line(line: str, spans: list[tuple[int, int]]) -> str:
    if _DATA_LINE.search(line):
        return line
    han = len(regex.findall(_HAN, line))
    if han < 4:
        return line
    line = sub_outside(_STOP, "。", line, spans)
    line = sub_outside(_LINE_END, lambda m: m[1].translate(_FULL), line, protected(line))
    line = sub_outside(_DOUBLED, lambda m: m.group()[0], line, protected(line))
    if han >= _MIN_HAN and _SENTENCE.search(line):
        line = sub_outside(_BETWEEN, lambda m: (m[1] or m[2]).translate(_FULL), line, protected(line))
    return line
