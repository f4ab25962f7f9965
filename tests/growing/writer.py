"""A writer without a model: its replies are a function of the request, good ones, and bad ones of every kind.

It stands in for a model on the wire; the numbers that come of it say what the pipeline does, not what a model yields.
"""

import json
import random
import re
from collections.abc import Mapping
from typing import Any

from tests.growing.composer import asked, composed
from winnow.records.record import canonical_json

_VERBS = (
    "Describe",
    "Compare",
    "Plan",
    "List",
    "Explain",
    "Outline",
    "Draft",
    "Invent",
    "Rank",
    "Summarise",
    "Criticise",
)
_KINDS = ("habits", "origins", "dangers", "sounds", "colours", "costs", "rules", "myths", "tools", "shapes", "seasons")
_THINGS = (
    *("lighthouses", "beehives", "glaciers", "violins", "bakeries", "tram lines", "libraries", "volcanoes", "kites"),
    *("orchards", "clocks", "deserts", "harbours", "markets", "mosaics", "bridges", "windmills", "tea houses"),
)
_ENDS = (
    "for a curious child",
    "in one paragraph",
    "with two examples",
    "as a short letter",
    "for a radio show",
    "by age",
)
_VERBS_ZH = ("描述", "比较", "规划", "列举", "解释", "概括", "起草", "设想", "评价", "梳理", "介绍")
_KINDS_ZH = ("习性", "起源", "危险", "声音", "颜色", "成本", "规则", "传说", "工具", "形状", "季节")
_THINGS_ZH = (
    "灯塔",
    "蜂巢",
    "冰川",
    "提琴",
    "面包房",
    "电车",
    "图书馆",
    "火山",
    "风筝",
    "果园",
    "沙漠",
    "港口",
    "集市",
)
_ENDS_ZH = ("写给孩子看", "用一段话", "举两个例子", "写成短信", "做成清单", "按年代", "限五十字")
BAD = ("copy", "leak", "no_op", "unparsed", "missing", "cut", "refusal", "sorry", "foreign", "answer", "colon", "equal")
"""Faults that a bad writer has; which of them shows depends on the step."""


def task(lot: random.Random, chinese: bool) -> str:
    """Return a made-up instruction that is unlike nearly all others."""
    if chinese:
        parts = (lot.choice(one) for one in (_VERBS_ZH, _THINGS_ZH, _KINDS_ZH, _THINGS_ZH, _ENDS_ZH))
        verb, thing, kind, other, end = parts
        return f"{verb}{thing}与{other}的{kind}，{end}。"
    verb, kind, thing, other, end = (lot.choice(one) for one in (_VERBS, _KINDS, _THINGS, _THINGS, _ENDS))
    return f"{verb} the {kind} of {thing} near {other} {end}."


def reply_text(lot: random.Random, chinese: bool) -> str:
    """Return a made-up reply of two sentences."""
    if chinese:
        place = f"第{lot.randint(2, 99)}处最为有名"
        return f"{lot.choice(_THINGS_ZH)}的{lot.choice(_KINDS_ZH)}因地而异，{place}。当地人常常谈起它。"
    return (
        f"The {lot.choice(_KINDS)} of {lot.choice(_THINGS)} differ from place to place, and number "
        f"{lot.randint(2, 999)} is the best known. People there still speak of {lot.choice(_THINGS)}."
    )


class Writer:
    """Answers requests of ``propose``; a share of them, by content, badly."""

    def __init__(self, bad: float = 0.0) -> None:
        self.bad = bad

    def __call__(self, body: Mapping[str, Any]) -> str:
        """Return the reply to a request."""
        lot = random.Random(canonical_json(body))
        fault = lot.choice(BAD) if lot.random() < self.bad else ""
        user = body["messages"][-1]["content"]
        chinese = bool(re.search("[\u4e00-\u9fff]", body["messages"][0]["content"]))
        step = (body.get("response_format") or {}).get("json_schema", {}).get("name", "answer")
        if fault == "refusal":
            return "I cannot help with that." if not chinese else "我无法提供帮助。"
        if fault == "unparsed" and step != "answer":
            return "1. A task.\n2. Another task."
        if step == "weave":
            return self._weave(lot, chinese, body["messages"][0]["content"], user, fault)
        value = getattr(self, f"_{step}")(lot, chinese, user, fault)
        if isinstance(value, str):
            return value
        text = json.dumps(value, ensure_ascii=False)
        return text[: len(text) // 2] if fault == "cut" else text

    def _task(self, lot: random.Random, chinese: bool, user: str, fault: str) -> Any:
        items = [{"instruction": self._instruction(lot, chinese, user, fault)} for _ in range(4)]
        return {"items": [{"task": "x"}, *items[1:]] if fault == "missing" else items}

    def _instruction(self, lot: random.Random, chinese: bool, user: str, fault: str) -> str:
        if fault in ("copy", "no_op"):
            return shown(user)[0]
        if fault == "leak":
            return f"新任务：{task(lot, chinese)}" if chinese else f"New task: {task(lot, chinese)}"
        if fault == "foreign":
            return task(lot, not chinese)
        return task(lot, chinese)

    def _kind(self, lot: random.Random, chinese: bool, user: str, fault: str) -> Any:
        return {"classification": lot.random() < 0.2}

    def _labelled(self, lot: random.Random, chinese: bool, user: str, fault: str) -> Any:
        return {"output": "负面" if chinese else "negative", "input": reply_text(lot, chinese)}

    def _instance(self, lot: random.Random, chinese: bool, user: str, fault: str) -> Any:
        return {"input": "", "output": self._answer(lot, chinese, user, fault)}

    def _rewrite(self, lot: random.Random, chinese: bool, user: str, fault: str) -> Any:
        old = shown(user)
        if fault == "missing":
            return {"rewritten instruction": "x"}
        if fault in ("no_op", "copy"):
            return {"instruction": f"请{old[0]}" if chinese else f"Please {old[0]}", "input": "".join(old[1:])}
        if fault == "leak":
            return {"instruction": f"改写后的指令：{old[0]}" if chinese else f"Rewritten prompt: {old[0]}", "input": ""}
        if fault == "answer":
            return {
                "instruction": f"以下是答案：{reply_text(lot, True)}" if chinese else "Sure! It is blue.",
                "input": "",
            }
        if fault == "foreign":
            return {"instruction": task(lot, not chinese), "input": ""}
        more = f"并且{task(lot, True)}" if chinese else f"Then {task(lot, False)}"
        return {"instruction": f"{old[0]} {more}", "input": "".join(old[1:])}

    def _weave(self, lot: random.Random, chinese: bool, system: str, user: str, fault: str) -> str:
        old = shown(user)
        wanted = " ".join(line[2:] for line in system.splitlines() if line.startswith("- "))
        lead = ("原指令：" if chinese else "Original instruction: ") if fault == "leak" else ""
        value = {"instruction": f"{lead}{old[0]} {task(lot, chinese)} {wanted}", "input": "".join(old[1:])}
        return json.dumps({"task": "x"} if fault == "missing" else value, ensure_ascii=False)

    def _clash(self, lot: random.Random, chinese: bool, user: str, fault: str) -> Any:
        return {"conflict": fault == "equal"}

    def _solve(self, lot: random.Random, chinese: bool, user: str, fault: str) -> Any:
        sums = "3 + 4 = 8" if fault == "answer" else "3 + 4 = 7"
        some = {} if fault in ("copy", "no_op") else asked(shown(user)[0], chinese)
        return {"reasoning": ["先想一想。" if chinese else "Think.", sums], "output": composed(some, lot, chinese)}

    def _compare(self, lot: random.Random, chinese: bool, user: str, fault: str) -> Any:
        return {"equal": fault == "equal"}

    def _answer(self, lot: random.Random, chinese: bool, user: str, fault: str) -> str:
        if fault == "sorry":
            return "很抱歉，我做不到。" if chinese else "I am sorry, but that is beyond me today."
        if fault == "colon":
            return "以下是要点：" if chinese else "Here are the points that matter most to you:"
        return reply_text(lot, chinese)


def shown(user: str) -> list[str]:
    """Return the texts inside the fences of a request."""
    return re.findall(r"<<<[^>\n]*>>>\n(.*?)\n<<<end [0-9a-f]+>>>", user, re.DOTALL)
