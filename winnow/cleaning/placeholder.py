r"""Words that stand for "nothing here"."""

import re

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
    rf"|{_OPEN}[<＜]\s*no\s?input{_CLOSE}(?:\d{{1,2}}\s*)?"  # the number of the next task slipped in
    rf"|[\s<＜(（\"'“‘`]*(?:{_NOTHING})[\s>＞)）\"'”’`.。]*",
    re.IGNORECASE,
)
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
    r"|provided)|\s*[^>＞\n]*[>＞])|no\s?input\s*\\?[>＞]|[无無没沒不][^\n]{0,2}[输輸][入出])"
)


def placeholder(text: str) -> str:
    r"""Empty a context that only says that there is no input.

    Self-instruct asks its generator to write "<noinput>" when a task needs no input. Alpaca has hundreds that
    slipped through, in dozens of spellings, and its translations have them in Chinese; trained on, the model
    learns to expect the word.

    >>> [placeholder(t) for t in ["<noinput>", "No input required.", "N/A", "（无）", "<无输入>;"]]
    ['', '', '', '', '']

    Only a whole context counts. Inside a text the word may be the blank to fill, and a list that holds None
    is data:

    >>> placeholder("Larry <noinput> the door."), placeholder("[None]"), placeholder("无人驾驶")
    ('Larry <noinput> the door.', '[None]', '无人驾驶')

    Not a placeholder: "NA" (sodium, Namibia, Narita Airlines), "empty", "null", "-", which are values that a
    task can ask about. Not applied to responses, where "None" and "N/A" can be right answers.

    Source: the prompt of tatsu-lab/stanford_alpaca, items 7 and 8.
    """
    return "" if _CONTEXT.fullmatch(text) else text


def no_output(text: str) -> str:
    r"""Empty a response that only says that there is no output, so that the filter drops the row as empty.

    >>> [no_output(t) for t in ["<nooutput>", "No Output", "<No output, this needs a picture>", "无需输出"]]
    ['', '', '', '']

    "<noinput>" as a whole response is the same slip of the generator, one field too late. Without its
    brackets ("No input") it may answer a question, and stays, as do "None", "N/A" and a refusal in words,
    which is for the refusal filter to judge:

    >>> [no_output(t) for t in ["<noinput>", "No input", "None", "N/A"]]
    ['', 'No input', 'None', 'N/A']
    >>> no_output("No output as compilation gives a binary file.")
    'No output as compilation gives a binary file.'
    """
    return "" if _RESPONSE.fullmatch(text) else text
