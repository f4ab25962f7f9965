r"""Responses that run on into the next task of the generator."""

import re
from typing import NamedTuple

from winnow.cleaning.code import has_bare_code
from winnow.cleaning.evidence import speaks_of
from winnow.cleaning.row import Row

_NAME = r"(?:Instructions?|Task|指令|说明|說明|指示)"
_PART = r"(?:(?P<input>Input|输入|輸入)|(?P<output>Output|输出|輸出)|Response|回答|回复|响应)"
_NUMBER = r"(?:第 *+)?(?P<n>\d{1,3})(?: *+[.、．)）:：] *+| *+题 *+[:：]? *+)"
# Headings at the start of a line: "18. Instruction:", "### Input:".
_HEADING = rf"\s*+(?P<signs>#*+) *+(?:{_NUMBER})?"
_TASK = re.compile(rf"{_HEADING}{_NAME} *+[:：]", re.IGNORECASE)
_PART_OF_TASK = re.compile(rf"{_HEADING}{_PART} *+[:：]", re.IGNORECASE)
# A line of signs only, which generators put between tasks.
_RULE_LINE = re.compile(r"\s*+(?:<!-- ?-->|[#*=_/;~\-`]{1,16}+)[ \t]*+")

# A reply that speaks of prompts is likely to show one.
_ABOUT_PROMPTS = re.compile(
    r"(?i)\b(?:prompts?|templates?|instructions?|tasks?|examples?|format)\b"
    r"|提示|模板|指令|任务|示例|例子|格式"
)

# Not one that stands before the next task, which is a rule line again.
_CLOSING_FENCE = re.compile(rf"^```[ \t]*+$(?!\s*+\d++\s*+[.、．]\s*+{_NAME})", re.MULTILINE | re.IGNORECASE)

_ANY_NAME = r"(?:instructions?|task|指令|说明|說明|指示)"
TRIGGER = rf"(?i)\n[^\S\n]*(?:#+ *)?(?:(?:第 *)?\d{{1,3}}[ .、．)）:：题]{{1,6}}{_ANY_NAME}|{_ANY_NAME} *[:：])"


def _in_code(kept: str) -> bool:
    """Tell whether a text ends inside a string that never closes, or holds source code."""
    return kept.count("'''") % 2 == 1 or kept.count('"""') % 2 == 1 or has_bare_code(kept)


class _Task(NamedTuple):
    """The heading of a task: its line, its text from `start` to `end`, its number and signs.

    The rule lines that stand right before it begin at `cut`.
    """

    line: int
    cut: int
    start: int
    end: int
    number: str | None
    signs: str


def runon(text: str, row: Row) -> str:
    r"""Cut a response where the generator went on with its own next task.

    text-davinci-003 wrote Alpaca twenty tasks at a time ("18. Instruction: … 18. Input: … 18. Output: …"),
    and where the split failed a response carries one or more foreign tasks behind it.

    >>> from winnow.cleaning.row import alone
    >>> def fixed(text): return runon(text, alone(text, "response"))
    >>> fixed("Eat well.\n##\n18. Instruction: Name a noun.\n18. Input:\nA red apple.\n18. Output:\nApple")
    'Eat well.'
    >>> fixed("玫瑰是一种花。\n11. 说明：定义“计算机”。\n11.输入：\n<无输入>\n11.输出：\n一种机器。")
    '玫瑰是一种花。'

    The marker is a structure, never a word. A recipe has "Instructions:", a list may have a point so called,
    and a reply that was asked to write tasks starts with the first one:

    >>> for text in ["Soup\n\nInstructions:\n1. Boil water.", "1. Goal: win\n2. Instruction: train daily",
    ...              "Two tasks:\n1. Instruction: Add.\n1. Input: 1, 2\n1. Output: 3"]:
    ...     assert fixed(text) == text

    Nor is anything cut inside a code fence, and never the whole response: what starts with the marker may be
    an answer in that form, and emptying it is not this rule's decision. Nor where the reply announces what comes
    ("Three more:"), is code up to there, or was asked for tasks or prompts.

    >>> for text in ["Sure, two more:\n\n4. Instruction: Add.\n4. Output: 3",
    ...              "T = '''\n### Instruction:\n{x}\n### Response:\n'''"]:
    ...     assert fixed(text) == text
    """
    cut = _cut(text)
    return text if cut == text or speaks_of("prompts", row.said.asked) else cut


def _cut(text: str) -> str:
    numbered, ruled, template = _next_tasks(text)
    for task, plain in ((numbered, False), (ruled, False), (template, True)):
        if task is None:
            continue
        kept, rule = text[: task.cut].rstrip(), text[task.cut : task.start]
        if kept.count("```") % 2:
            if "```" not in rule:
                continue  # the marker stands inside a code fence
            kept += "\n```"
        elif "```" in rule and _CLOSING_FENCE.search(text, task.end):
            continue  # the rule line is the fence that opens around the marker
        # A series that starts at 1, or a reply on prompts, shows tasks because it was asked to.
        if not kept.strip() or task.number == "1" or kept.endswith((":", "：")):
            continue
        if plain and (_ABOUT_PROMPTS.search(kept) or _in_code(kept)):
            continue
        return _cut(kept)
    return text


def _next_tasks(text: str) -> tuple[_Task | None, _Task | None, _Task | None]:
    """Return the first heading of each kind that shows a foreign task.

    "18. Instruction: …", and later "18. Input:" or "18. Output:" with the same number; a rule line, then "18.
    Instruction:" alone, where the reply was cut off before its input; the prompt template itself, or the three
    headings in order without numbers.
    """
    tasks, parts = _headings(text)
    of_number = {match["n"]: line for line, match in parts if match["n"]}
    signed = max((line for line, match in parts if not match["n"] and match.group().startswith("##")), default=-1)
    bare = [(line, match) for line, match in parts if not match["n"] and not match["signs"]]
    output = max((line for line, match in bare if match["output"]), default=-1)
    before_output = max((line for line, match in bare if match["input"] and line < output), default=-1)

    def in_template(task: _Task) -> bool:
        if task.number:
            return False
        return task.line < (signed if len(task.signs) > 1 else -1 if task.signs else before_output)

    numbered = (task for task in tasks if task.number and of_number.get(task.number, -1) > task.line)
    ruled = (task for task in tasks if task.number and not task.signs and task.cut < task.start)
    return next(numbered, None), next(ruled, None), next(filter(in_template, tasks), None)


def _headings(text: str) -> tuple[list[_Task], list[tuple[int, "re.Match[str]"]]]:
    """Return the headings of tasks, and those of their parts with their lines; the first line is none."""
    tasks, parts = [], []
    at, cut = 0, -1
    for number, line in enumerate(text.split("\n")):
        if number and (match := _TASK.match(line)):
            start = at + len(line) - len(line.lstrip())
            cut = start if cut < 0 else cut
            tasks.append(_Task(number, cut, start, at + match.end(), match["n"], match["signs"]))
        elif number and (match := _PART_OF_TASK.match(line)):
            parts.append((number, match))
        if not (number and _RULE_LINE.fullmatch(line)):
            cut = cut if not line.strip() else -1
        elif cut < 0:
            cut = at + len(line) - len(line.lstrip())
        at += len(line) + 1
    return tasks, parts
