"""The columns of a table by their names: which is the prompt, which the reply, what else a row is made of.

Names that are common are enough for the adapter ``table``; what they leave open is asked, with a line to type.
"""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from winnow.reading.training import kind_named

_NAMES = {
    "instruction": "instruction question prompt query input inputs problem ask user human user_message user_prompt "
    "human_message 问题 指令 提问",
    "response": "response answer completion output outputs target targets reply solution assistant gpt bot "
    "assistant_message assistant_response model_response bot_response best_answer final_answer 答案 回答 回复",
    "reasoning": "reasoning reasoning_content reasoning_trace thinking think thought thoughts complex_cot cot "
    "chain_of_thought rationale",
    "system": "system system_prompt system_message",
    "history": "history chat_history",
    "context": "context passage background document",
    "id": "id",
}
"""For each option of the adapter ``table``, how its column is called; case and separators do not matter."""
_CHOICES = "choices choice options option a b c d option_a option_b distractors distractor1 endings ending0 opa"
"""Columns that a question needs: without them it is another one."""
_SPOKEN = 16  # characters; shorter texts are names and categories


def _plain(column: str) -> str:
    return re.sub(r"[\s\-.]+", "_", column.strip()).casefold()


def is_header(columns: Sequence[str]) -> bool:
    """Tell whether the cells of a table's first row are names of columns: two of them are known ones.

    >>> is_header(["prompt", "completion", "label"]), is_header(["Can a cat swim?", "yes", "Cats can swim."])
    (True, False)
    """
    known = {name for names in _NAMES.values() for name in names.split()}
    return sum(_plain(one) in known or kind_named(one) is not None for one in columns) >= 2


def _named(columns: Sequence[str]) -> dict[str, list[str]]:
    """Return for each option the columns that go by one of its names."""
    known = {option: names.split() for option, names in _NAMES.items()}
    return {option: [one for one in columns if _plain(one) in names] for option, names in known.items()}


def _columns(values: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(name for value in values if isinstance(value, dict) for name in value))


def _share_of_text(values: Sequence[Any], column: str) -> float:
    return sum(isinstance(value.get(column), str) and bool(value[column].strip()) for value in values) / len(values)


def proposed(values: Sequence[Any]) -> dict[str, str] | None:
    """Return the options of the adapter ``table`` that fit some rows, None where their columns leave it open.

    >>> proposed([{"Question": "Why?", "Answer": "So.", "no": 1}])
    {'instruction': 'Question', 'response': 'Answer'}
    >>> proposed([{"question": "Which?", "A": "x", "B": "y", "answer": "A"}]) is None
    True
    """
    if not values or not all(isinstance(value, dict) for value in values):
        return None
    columns = _columns(values)
    named = _named(columns)
    asks, answers = named["instruction"], named["response"]
    if len(asks) == 2 and [_plain(one) for one in asks] == ["instruction", "input"]:
        named["context"].append(asks.pop())
    if len(asks) != 1 or len(answers) != 1 or any(_plain(column) in _CHOICES.split() for column in columns):
        return None
    if min(_share_of_text(values, asks[0]), _share_of_text(values, answers[0])) <= 0.5:
        return None
    return {option: found[0] for option, found in named.items() if len(found) == 1 and option != "id"}


def question(values: Sequence[Any], name: str, files: Sequence[Path], license_: str) -> str:
    """Return the sentence that asks for the columns: a line to type, with the file's own columns in it."""
    columns = _columns(values)
    texts = [one for one in columns if _share_of_text(values, one) > 0]
    named = _named(texts)
    if _several_replies(texts):
        return ""
    asks = next(iter([*named["instruction"], *texts]), None)
    lengths = {one: sum(len(str(value.get(one) or "")) for value in values) / len(values) for one in texts}
    longest = max((one for one in texts if one != asks), key=lambda one: lengths[one], default=None)
    spoken = longest if longest and lengths[longest] >= _SPOKEN else None
    answers = next(iter(named["response"]), None) or spoken
    if asks is None or answers is None or asks == answers:
        return ""
    where = files if len(files) < 3 else [Path(*_common(files))]
    words = ["winnow", "add", name, *map(str, where), "--license", license_ or "SPDX", "--adapter", "table"]
    sides = [next((one for one in texts if _plain(one).startswith(side)), None) for side in ("chosen", "rejected")]
    replies = [f"chosen={sides[0]}", f"rejected={sides[1]}"] if all(sides) else [f"response={answers}"]
    words += [word for option in (f"instruction={asks}", *replies) for word in ("--option", option)]
    return f"say which columns are the prompt and the reply: {shlex.join(words)}"


def _several_replies(columns: Sequence[str]) -> bool:
    """Tell whether columns are numbered or lettered alike: replies of which another column names the better one."""
    stems = [_plain(one)[:-1] for one in columns if len(one) > 2 and _plain(one)[-1] in "012ab"]
    return len(set(stems)) < len(stems)


def _common(files: Sequence[Path]) -> list[str]:
    parts = [file.parent.parts for file in files]
    return [level[0] for level in zip(*parts, strict=False) if len(set(level)) == 1]
