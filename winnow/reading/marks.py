"""The marks of chat templates: what opens a turn and names its speaker, what closes it, what stands around it."""

import re
from typing import NamedTuple


class Template(NamedTuple):
    """One template: ``mark`` opens a turn, and its group 1 names the speaker.

    ``special`` marks are written by programs alone; ``preface`` says that text before the first turn is the system
    prompt.
    """

    name: str
    mark: re.Pattern[str]
    special: bool = True
    preface: bool = False


_SPEAKERS = "system|user|assistant|tool|human|prompter|model|bot|observation|function"
_NAMES = "Human|User|Assistant|Prompter|Bot|AI|ChatGPT|GPT|人类|用户|助手"
_LINE = r"^[^\S\n]*"  # the start of a line, looked at once: \n\s* would be quadratic in blank lines

TEMPLATES = (
    Template("ChatML", re.compile(rf"<\|im_start\|>[ ]?({_SPEAKERS}|developer)\b[ ]?\n?")),
    Template("Llama 3", re.compile(rf"<\|start_header_id\|>({_SPEAKERS}|ipython)<\|end_header_id\|>\s?\n?\n?")),
    Template("Llama 4", re.compile(rf"<\|header_start\|>({_SPEAKERS}|ipython)<\|header_end\|>\s?\n?\n?")),
    Template("Gemma", re.compile(r"<start_of_turn>(user|model|system|developer)\b[ ]?\n?")),
    Template("Llama 2", re.compile(r"(\[INST\]|\[/INST\]|\[SYSTEM_PROMPT\])")),
    Template("DeepSeek", re.compile(r"<[|｜](User|Assistant|System)[|｜]>(?!:)"), preface=True),
    Template("Zephyr", re.compile(rf"<\|((?i:{_SPEAKERS}))\|>:?[ ]?\n?")),
    Template("Command R", re.compile(r"<\|START_OF_TURN_TOKEN\|><\|(USER|CHATBOT|SYSTEM)_TOKEN\|>")),
    Template("Harmony", re.compile(r"<\|start\|>(system|developer|user|assistant)<\|message\|>")),
    Template("Baize", re.compile(r"\[\|?(Human|AI|MOSS|AI_agent)\|?\]:?"), preface=True),
    Template("Guanaco", re.compile(rf"###\s?({_NAMES}|System)\s?[:：]"), special=False),
    Template(
        "Alpaca",
        re.compile(
            rf"{_LINE}###\s?(Instructions?|Input|Context|Response|Output|User|Assistant|System)\s?[:：]", re.MULTILINE
        ),
        special=False,
        preface=True,
    ),
    Template(
        "Vicuna",
        re.compile(r"(?:\A|(?<=[\s>]))(USER|ASSISTANT|SYSTEM|FUNCTION RESPONSE):"),
        special=False,
        preface=True,
    ),
    Template("names", re.compile(rf"{_LINE}({_NAMES})\s?[:：]", re.MULTILINE), special=False),
)

_BEGINS = r"<s>|<\|begin_of_text\|>|<bos>|<\|endoftext\|>|<[|｜]begin▁of▁sentence[|｜]>|<BOS_TOKEN>|\[gMASK\]|<sop>"
_CLOSES = r"<\|(?:im_end|eot_id|eom_id|eot|end_of_text|end|endoftext|END_OF_TURN_TOKEN|return)\|>"
_CLOSES += r"|<end_of_turn>|<eos>|<eo[hamtcr]>|</s>|<s>|\[/SYSTEM_PROMPT\]|<[|｜]end▁of▁sentence[|｜]>"

BEGIN = re.compile(rf"(?:\s|{_BEGINS})*")
"""Tokens at the start of a text."""
_CLOSE = re.compile(rf"(?:{_CLOSES})\Z")
_LONGEST = 24  # characters of a token that closes a turn
LEFT = re.compile(
    r"<\|(?:im_start|im_end|start_header_id|eot_id|eom_id|START_OF_TURN_TOKEN|channel)\|>|<(?:start|end)_of_turn>"
)
"""Special tokens that no turn holds: where one is left inside, the turns were not told apart."""
OPEN = (
    *("<|im_start|>assistant", "<|start_header_id|>assistant<|end_header_id|>", "<start_of_turn>model", "[/INST]"),
    *("<|header_start|>assistant<|header_end|>", "<|assistant|>", "<|Assistant|>", "<|Bot|>:", "<｜Assistant｜>"),
    *("<|CHATBOT_TOKEN|>", "[|AI|]", "[MOSS]:", "### Response:", "###Response:", "### Assistant:", "ASSISTANT:"),
    *("Assistant:", "Assistant：", "助手:", "助手："),
)
"""How a prompt ends that asks the assistant to speak."""
BOILERPLATE = re.compile(
    r"Below is an instruction that describes a task(?:, paired with an input that provides further context)?\.\s*"
    r"Write a response that appropriately completes the request\.|以下是描述任务的指令.{0,60}。"
)
"""The sentence that stands before Alpaca's marks: a part of the template."""
_START = (
    *("<|", "<｜", "<s>", "<bos>", "<BOS_TOKEN>", "<start_of_turn>", "[INST]", "[SYSTEM_PROMPT]", "[gMASK]", "###"),
    *("[|Human", "[|AI", "[Human]", "[MOSS]", "[AI]", "A chat between", "Below is an instruction", "以下是"),
    *("The conversation between human", "The following is a conversation"),
    *(f"{name}{colon}" for name in f"{_NAMES}|USER|SYSTEM".split("|") for colon in (":", "：", " :")),
)
_BY_FIRST = {first: tuple(mark for mark in _START if mark[0] == first) for first in {mark[0] for mark in _START}}
_BY_LAST = {last: tuple(mark for mark in OPEN if mark[-1] == last) for last in {mark[-1] for mark in OPEN}}


def end_of(text: str) -> int:
    """Return where a text ends without the tokens that close a turn and the white space between and behind them.

    >>> end_of("Hi <|im_end|> </s>\\n"), end_of("Hi ")
    (2, 2)
    """
    end = len(text)
    while True:
        while end and text[end - 1].isspace():
            end -= 1
        closing = _CLOSE.search(text, max(end - _LONGEST, 0), end)
        if closing is None:
            return end
        end = closing.start()


def is_closed(text: str) -> bool:
    """Tell whether a token that closes a turn stands at the end of a text."""
    return end_of(text) < len(text.rstrip())


def may_carry(text: str) -> bool:
    """Tell whether a text begins or ends as one that carries a template; a cheap test, true for few others.

    >>> may_carry("<s>[INST] Hi [/INST]"), may_carry("Name a tree.")
    (True, False)
    """
    bare = text.strip()
    if (marks := _BY_FIRST.get(bare[:1])) and bare.startswith(marks):
        return True
    return (marks := _BY_LAST.get(bare[-1:])) is not None and bare.endswith(marks)
