r"""Footnote marks of Wikipedia, left when a page was copied as text."""

import re

from winnow.cleaning.code import has_bare_code
from winnow.cleaning.evidence import listed, numbered, speaks_of
from winnow.cleaning.protect import protected, sub_outside, until_stable
from winnow.cleaning.row import Row

# Wikipedia's inline clean-up templates, as they print.
_NOTICES = (
    r"(?:full |medical |page |non-primary )?(?:citation|source|verification|clarification|year|volume|page)s?"
    r" needed"
    r"|(?:better|additional|third-party|non-primary|reliable|medical) source(?:s|\(s\))? needed"
    r"|(?:unreliable|self-published|predatory) (?:medical )?(?:source|publisher)\??"
    r"|(?:permanent )?dead link"
    r"|when\?|who\?|which\?|where\?|why\?|how\?|by whom\?|according to whom\?"
    r"|quantify|clarify|dubious(?: – discuss)?|vague"
    r"|original research\??|failed verification|not in citation given|disputed(?: – discuss)?|needs update"
    r"|来源请求|來源請求|需要引用|参考文献请求|谁\?|何时\?"
)
_NUMBER = r"[1-9]\d{0,2}"
_NOTE = r"(?:note|nb|notes|注|註) ?\d{1,2}"
_LETTER = r"[a-hj-rt-z]"  # no "i" (an index), no "s" (an editor's plural: "the boy[s]")
# The look-behinds stand behind the bracket because a pattern that begins with a literal is found much faster.
_SURE = re.compile(
    rf"\[(?:(?:(?<=[^\W_][.!?,;]\[)|(?<=[.!?][\"”’)]\[)|(?<=[。！？，；”）]\[))(?:{_NUMBER}|{_NOTE})"
    rf"|(?<=\S\[)(?:{_NOTICES}))\]",
    re.IGNORECASE,
)
# After the mark: the end of a word, not a call, a subscript, an assignment, a link target, or a page number
# ("[3]: 12"), which would be left without its owner.
_END = r"(?![\[(=^]|\.\w|\s*(?:=|\+=|<-)|:\s?\d|:$)"
# A run of marks stays or goes as a whole, so its end is looked at once: the group `free` is there where it may go.
# The rest of the run is the group `more`, looked ahead for and then repeated, which gives nothing back: a possessive
# group would say the same, and Pythons before 3.11.5 match those wrongly.
_ATTACHED = re.compile(
    r"\[(?<=[\w.,;:!?)\]\"”’»%…。！？，；：）」』]\[)(?<!\s\]\[)"
    rf"(?:{_NUMBER}|{_LETTER}|{_NOTE}|{_NOTICES})\]"
    rf"(?=(?P<more>(?:\[(?:{_NUMBER}|{_LETTER}|{_NOTE}|{_NOTICES})\])*))(?P=more)(?P<free>{_END})?",
    re.IGNORECASE,
)
_DOUBLED_STOP = re.compile(rf"\.(?:\[(?:{_NUMBER}|{_NOTICES})\])+\.(?=\s|$)", re.IGNORECASE)

_REFERENCE_LIST = re.compile(r"^[ \t]*(?:[-*] )?\[\d{1,3}\]:?[ \t]*\S", re.MULTILINE)
_PLAIN_NUMBER = re.compile(r"\[\d{1,3}\]")
_REFERRING = re.compile(  # the words before a number that make it a noun, or a value
    r"(?i)(?:\b(?:see|in|refs?\.?|references?|cf\.?|from|by|and|of|paper|work|option|element|index|array|list|step)"
    r"\s+|[,在如和与]\s+|[=(+*/见第]\s*|\] ?[-–,、] ?)\Z"
)
_SUBSCRIPTS = re.compile(
    r"(?i)\b(?:arrays?|arr|ind(?:ex|ices)|matri(?:x|ces)|tuples?|subscripts?|elements?|python|java|pointers?)\b"
    r"|数组|陣列|列表|下标|索引|元素|矩阵"
)

TRIGGER = (
    r"(?i)[\pL\pN_.,;:!?)\]\"”’»%…。！？，；：）」』]\["
    r"(?:[1-9]\d{0,2}|[a-hj-rt-z]|(?:note|nb|notes|注|註) ?\d{1,2}"
    r"|[a-z][a-z \-–()]{3,30}\??|who\?|why\?|how\?|来源请求|來源請求|需要引用|参考文献请求|谁\?|何时\?)\]"
    r"(?:[^(=^]|$)"
)


SIGN = _PLAIN_NUMBER


def citation(text: str, row: Row) -> str:
    r"""Remove footnote marks that hang on a word or a stop in prose.

    Dolly's contexts were copied from Wikipedia with their marks, and its responses were copied from the
    contexts; without the notes they mean nothing, and a model learns to invent them. A question that quotes
    such a passage has them too, so the rule looks at instructions as well.

    >>> from winnow.cleaning.row import Parts, Row, Said, alone
    >>> def fixed(text): return citation(text, alone(text, "response"))
    >>> fixed("It was built in 2001.[3] The tower,[12][note 1] now red,[citation needed] still stands.")
    'It was built in 2001. The tower, now red, still stands.'

    A mark is only what is attached, in a text that is prose. Subscripts, lists, links, footnotes of Markdown
    and references that the text itself explains or cites are content:

    >>> for text in ["Swap a[3] and a[4].", "x = [1]", "See [docs][1] or [3](http://x.org).", "as in [1]",
    ...              "True.[1]\n\n[1] Smith et al.", "Noted.[^1]", "the boy[s] said so", "the range[1,5]"]:
    ...     assert fixed(text) == text

    Text with code is left alone as a whole: in "the call returns rows[2]" nothing tells the two apart.

    Where the prompt numbers its passages, or asks to cite, or a tool returned what the marks point at, they are the
    answer; so they are wherever the row itself refers to its numbers:

    >>> prompt = "Answer from the passages.\n[1] It opened in 1889.\n[2] It is 330 m tall.\nHow tall is it?"
    >>> row = Row("response", Said(lambda: Parts(turns=(("user", prompt), ("assistant", "It is 330 m tall.[2]")))))
    >>> citation("It is 330 m tall.[2]", row)
    'It is 330 m tall.[2]'
    """
    fixed = until_stable(_remove_marks, text)
    return text if fixed == text or _points_at_something(row) else fixed


def _points_at_something(row: Row) -> bool:
    said = row.said
    if said.uses_tools or speaks_of("citations", said.asked) or numbered(said):
        return True
    return row.field != "context" and (listed(said) or any(map(_cites, said.replies)))


def _remove_marks(text: str) -> str:
    if "```" in text or _REFERENCE_LIST.search(text) or _cites(text):
        return text
    # A mark after a stop shows where the text comes from; without one, a mark on a bare word could be a
    # subscript.
    certain = _SURE.search(text) is not None
    if not certain and (_SUBSCRIPTS.search(text) or not _PROSE_MARK.search(text)):
        return text
    if has_bare_code(text):
        return text
    spans = protected(text)
    text = sub_outside(_DOUBLED_STOP, ".", text, spans)
    if not certain:
        return sub_outside(_PROSE_MARK, "", text, protected(text))
    return sub_outside(_ATTACHED, lambda m: m.group() if m["free"] is None else "", text, protected(text))


def _cites(text: str) -> bool:
    """Tell whether the text itself refers to its numbers."""
    return any(_REFERRING.search(text[max(0, m.start() - 16) : m.start()]) for m in _PLAIN_NUMBER.finditer(text))


# Without certainty: a number on a word of four letters or more, with a space or a stop behind it.
_PROSE_MARK = re.compile(
    rf"\[(?<=[^\W\d_]{{4}}\[)(?:{_NUMBER}|{_NOTE})\]"
    rf"(?=(?P<more>(?:\[(?:{_NUMBER}|{_NOTE})\])*))(?P=more)(?=[ .,;)]){_END}",
    re.IGNORECASE,
)
