r"""Words that stand for "nothing here"."""

import re

from winnow.cleaning.code import has_bare_code
from winnow.cleaning.evidence import speaks_of
from winnow.cleaning.row import Row
from winnow.cleaning.structure import is_json

# What surrounds the word in the wild: brackets, quotes, back-slashes, a stop. "[None]" is a Python list and
# "(None)" may be one item of a tuple, so square brackets count only around words that name the input.
_OPEN = r"[\s<＜〈《「『(（{\[【\\\"'“‘`:：,，.*_-]*"
_CLOSE = r"[\s>＞〉》」』)）}\]】\\\"'”’`:：,，.。;；!！?*_-]*"
_NO_INPUT = (
    r"no[\s_-]*(?:(?:additional|further|specific|extra)\s+)?in?put[es]?"
    r"(?:\s+(?:is\s+|was\s+)?(?:required|needed|necessary|provided|given|available|specified))?"
    r"(?:\s+for\s+this\s+(?:task|instruction|question|prompt))?"
    r"|inputs?\s+(?:is\s+)?not\s+(?:required|needed|applicable)"
    r"|(?:无|無|没有|沒有|无需|無需|不需要|不需|暂无|暫無|未提供)(?:任何|额外)?(?:输入|輸入)(?:内容|内容|信息)?[a-z]?"
)
_NOTHING = r"n\s?/\s?a|none|not applicable|无|無"
_CONTEXT = re.compile(
    rf"{_OPEN}(?:{_NO_INPUT}){_CLOSE}"
    rf"|{_OPEN}[<＜]\s*no\s?input{_CLOSE}(?:\d{{1,2}}\s*)?",  # the number of the next task slipped in
    re.IGNORECASE,
)
# The bare word may be the thing that is asked about: it needs a prompt that points at no input.
_NOTHING_CONTEXT = re.compile(rf"[\s<＜(（\"'“‘]*(?:{_NOTHING})[\s>＞)）\"'”’.。]*", re.IGNORECASE)
_IN_ANGLES = re.compile(r"\s*[<＜(（]")
CONTEXT_TRIGGER = (
    r"(?i)^[^\pL\pN]*(?:no[\s_-]*(?:(?:additional|further|specific|extra)\s+)?in?put|inputs?\s+(?:is\s+)?not"
    r"|n\s?/\s?a[^\pL]*$|none[^\pL]*$|not applicable"
    r"|[无無没沒不暂暫未][^\n]{0,5}[输輸]入|[无無][^\pL]*$)"
)

_RESPONSE = re.compile(
    rf"{_OPEN}no[\s_-]*output(?:\s+(?:is\s+)?(?:required|needed|necessary|expected|available|provided))?{_CLOSE}"
    rf"|\s*[<＜]\s*no\s?output\b[^<>＜＞\n]*[>＞]{_CLOSE}"  # "<no output: needs a picture>"
    rf"|\s*[\"'`“\\]*[<＜]\s*(?:no\s?input|无输入|無輸入)\s*\\?[>＞]{_CLOSE}"
    rf"|{_OPEN}(?:无|無|没有|沒有|无需|無需|不需要)(?:输出|輸出){_CLOSE}",
    re.IGNORECASE,
)
RESPONSE_TRIGGER = (
    r"(?i)^[^\pL\pN]*(?:no[\s_-]*output(?:$|[^\pL]*$|[^\pL]*(?:is|required|needed|necessary|expected|available"
    r"|provided)|\s*[^>＞\n]*[>＞])|no[\s_-]?input\s*\\?[>＞]|[无無没沒不][^\n]{0,2}[输輸][入出])"
)


# The generator's mark for a task without input, in front of the reply: alone on its line, or before a sentence.
_PREFIX = re.compile(
    r"\s*[\"'`“\\]*[<＜]\s*(?i:no[\s_-]?input|无输入|無輸入)\s*\\?[>＞][ \t]*"
    r"(?:\n\s*(?=\S)|(?=[A-Z0-9\"“‘'(\[*#《「]|[^\x00-\u2e7f]))"
)
_BRACKETED = re.compile(r"\s*[\"'`“\\]*[<＜\[]")
_TAKEN_UP = {"none": re.compile(r"(?i)\bnone(?:type)?\b"), "na": re.compile(r"(?i)\bn ?/ ?a\b")}


def placeholder(text: str, row: Row) -> str:
    r"""Empty a context that only says that there is no input.

    Self-instruct asks its generator to write "<noinput>" when a task needs no input. Alpaca has hundreds that
    slipped through, in dozens of spellings, and its translations have them in Chinese; trained on, the model
    learns to expect the word.

    >>> from winnow.cleaning.row import Parts, Row, Said, alone
    >>> def fixed(text): return placeholder(text, alone(text, "context"))
    >>> [fixed(t) for t in ["<noinput>", "No input required.", "N/A", "（无）", "<无输入>;"]]
    ['', '', '', '', '']

    Only a whole context counts. Inside a text the word may be the blank to fill, a list that holds None is data,
    and what stands in backticks is code:

    >>> fixed("Larry <noinput> the door."), fixed("[None]"), fixed("`None`"), fixed("无人驾驶")
    ('Larry <noinput> the door.', '[None]', '`None`', '无人驾驶')

    A bare "None" or "N/A", or a mark in backticks, is what the row is about where the prompt points at its input,
    or the reply takes the word up:

    >>> asked = Parts("", "None", (("user", "Which type has this value?"), ("assistant", "NoneType")))
    >>> placeholder("None", Row("context", Said(lambda: asked)))
    'None'

    Not a placeholder: "NA" (sodium, Namibia, Narita Airlines), "empty", "null", "-", which are values that a
    task can ask about. Not applied to responses, where "None" and "N/A" can be right answers.

    Source: the prompt of tatsu-lab/stanford_alpaca, items 7 and 8.
    """
    if _CONTEXT.fullmatch(text):
        shown = text.lstrip().startswith("`") and speaks_of("points", _users(row))
        return text if shown or is_json(text) or speaks_of("nothing", _users(row)) else ""
    if not _NOTHING_CONTEXT.fullmatch(text):
        return text
    meant = speaks_of("points", _users(row)) and not _IN_ANGLES.match(text)
    word = re.sub(r"[\W_]+", "", text).lower()
    taken_up = word in _TAKEN_UP and any(_TAKEN_UP[word].search(reply) for reply in row.said.replies)
    return text if meant or taken_up else ""


def _users(row: Row) -> str:
    return "\n".join(content for role, content in row.said.parts.turns if role == "user").lower()


def no_output(text: str, row: Row) -> str:
    r"""Empty a response that only says that there is no output, so that the filter drops the row as empty; cut
    "<noinput>" off in front of an answer.

    >>> from winnow.cleaning.row import alone
    >>> def fixed(text): return no_output(text, alone(text, "response"))
    >>> [fixed(t) for t in ["<nooutput>", "No Output", "<No output, this needs a picture>", "无需输出"]]
    ['', '', '', '']
    >>> fixed("<noinput>\nParis is the capital.")
    'Paris is the capital.'

    "<noinput>" as a whole response is the same slip of the generator, one field too late. Without its
    brackets ("No input") it may answer a question, and stays, as do "None", "N/A" and a refusal in words,
    which is for the refusal filter to judge:

    >>> [fixed(t) for t in ["<noinput>", "No input", "None", "N/A", "<noinput> is a word of Self-Instruct."]]
    ['', 'No input', 'None', 'N/A', '<noinput> is a word of Self-Instruct.']
    >>> fixed("No output as compilation gives a binary file.")
    'No output as compilation gives a binary file.'

    Where the prompt asks what a program prints, "No output." is the answer, and a mark in backticks is spoken of.
    And in a row with rejected replies nothing is emptied: a placeholder that lost to a better reply is a good reason
    for it to lose.
    """
    said = row.said
    if _RESPONSE.fullmatch(text):
        if said.parts.rejected or text.lstrip().startswith("`") or speaks_of("nothing", _users(row)):
            return text
        bare = not re.match(r"\s*[\"'`“\\]*[<＜\[]", text)
        return (
            text
            if bare and (speaks_of("outputs", said.asked) or has_bare_code(said.shown) or "```" in said.shown)
            else ""
        )
    if (mark := _PREFIX.match(text)) and not speaks_of("nothing", _users(row)):
        return text[mark.end() :]
    return text
