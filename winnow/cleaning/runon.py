r"""Responses that run on into the next task of the generator."""

import re

_NAME = r"(?:Instructions?|Task|指令|说明|說明|指示)"
_PART = r"(?:Input|Output|Response|输入|輸入|输出|輸出|回答|回复|响应)"
# A line of signs only, which generators put between tasks.
_RULE_LINE = r"(?:[ \t]*(?:<!-- ?-->|[#*=_/;~\-`]{1,16})[ \t]*\n\s*)"

_NUMBER = r"(?:第 *)?(?P<n>\d{1,3})(?: *[.、．)）:：] *| *题 *[:：]? *)"
_SAME_NUMBER = r"(?:第 *)?(?P=n)(?: *[.、．)）:：] *| *题 *[:：]? *)"
_FLAGS = re.DOTALL | re.IGNORECASE

# "18. Instruction: …", then "18. Input:" or "18. Output:" with the same number.
_NUMBERED = re.compile(
    rf"\s*\n\s*(?P<rule>{_RULE_LINE}*)(?:#+ *)?{_NUMBER}{_NAME} *[:：]"
    rf"(?=.*?\n\s*(?:#+ *)?{_SAME_NUMBER}{_PART} *[:：])",
    _FLAGS,
)
# A rule line, then "18. Instruction:" alone; the reply was cut off before its input.
_RULED = re.compile(rf"\s*\n\s*(?P<rule>{_RULE_LINE}+){_NUMBER}{_NAME} *[:：]", _FLAGS)
# The prompt template itself, or the three headings in order, without numbers.
_TEMPLATE = re.compile(
    rf"\s*\n\s*(?P<rule>{_RULE_LINE}*)(?P<n>)"
    rf"(?:#{{2,}} *{_NAME} *[:：](?=.*?\n#{{2,}} *{_PART} *[:：])"
    rf"|{_NAME} *[:：](?=.*?\n\s*(?:Input|输入|輸入) *[:：].*?\n\s*(?:Output|输出|輸出) *[:：]))",
    _FLAGS,
)
# A reply that speaks of prompts is likely to show one.
_ABOUT_PROMPTS = re.compile(
    r"(?i)\b(?:prompts?|templates?|instructions?|tasks?|examples?|format)\b"
    r"|提示|模板|指令|任务|示例|例子|格式"
)

# Not one that stands before the next task, which is a rule line again.
_CLOSING_FENCE = re.compile(rf"^```[ \t]*$(?!\s*\d+\s*[.、．]\s*{_NAME})", re.MULTILINE | re.IGNORECASE)

_ANY_NAME = r"(?:instructions?|task|指令|说明|說明|指示)"
TRIGGER = rf"(?i)\n\s*(?:#+ *)?(?:(?:第 *)?\d{{1,3}}[ .、．)）:：题]{{1,6}}{_ANY_NAME}|{_ANY_NAME} *[:：])"


def runon(text: str) -> str:
    r"""Cut a response where the generator went on with its own next task.

    text-davinci-003 wrote Alpaca twenty tasks at a time ("18. Instruction: … 18. Input: … 18. Output: …"),
    and where the split failed a response carries one or more foreign tasks behind it.

    >>> runon("Eat well.\n##\n18. Instruction: Name a noun.\n18. Input:\nA red apple.\n18. Output:\nApple")
    'Eat well.'
    >>> runon("玫瑰是一种花。\n11. 说明：定义“计算机”。\n11.输入：\n<无输入>\n11.输出：\n一种机器。")
    '玫瑰是一种花。'

    The marker is a structure, never a word. A recipe has "Instructions:", a list may have a point so called,
    and a reply that was asked to write tasks starts with the first one:

    >>> for text in ["Soup\n\nInstructions:\n1. Boil water.", "1. Goal: win\n2. Instruction: train daily",
    ...              "Two tasks:\n1. Instruction: Add.\n1. Input: 1, 2\n1. Output: 3"]:
    ...     assert runon(text) == text

    Nor is anything cut inside a code fence, and never the whole response: what starts with the marker may be
    an answer in that form, and emptying it is not this rule's decision.
    """
    for pattern, plain in ((_NUMBERED, False), (_RULED, False), (_TEMPLATE, True)):
        match = pattern.search(text)
        if match is None:
            continue
        kept, rule = text[: match.start()].rstrip(), match["rule"]
        if kept.count("```") % 2:
            if "```" not in rule:
                continue  # the marker stands inside a code fence
            kept += "\n```"
        elif "```" in rule and _CLOSING_FENCE.search(text, match.end()):
            continue  # the rule line is the fence that opens around the marker
        # A series that starts at 1, or a reply on prompts, shows tasks because it was asked to.
        if not kept.strip() or match["n"] == "1" or (plain and _ABOUT_PROMPTS.search(kept)):
            continue
        return runon(kept)
    return text
