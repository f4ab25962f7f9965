"""Preference pairs: ``chosen`` and ``rejected`` replies to one prompt, in the layouts of LLaMA-Factory, TRL, Axolotl.

The prompt has a field (``conversations``, ``messages``, ``prompt``, ``instruction``, ``question``) or is what two whole
conversations (``chosen``, ``rejected``; in LLaMA-Factory's v1 ``chosen_messages``, ``rejected_messages``) begin with;
UltraFeedback does both, and then they must agree. Two texts without a prompt are refused: where the prompt ends in
their common beginning cannot be told from a reply's first words. A reply is made of turns of the assistant and of tools
alone, so a pair that goes on with the user after it parts is refused too.

With scores of both replies ``margin`` is their difference, below zero where the source contradicts itself.
"""

import math
from typing import Any, NamedTuple

from winnow.reading import chat, order, templates
from winnow.reading import turns as layouts
from winnow.reading.adapter import (
    Adapter,
    Options,
    Unusable,
    measured,
    optional_text,
    own_id,
    per_unit,
    share,
    text,
)
from winnow.reading.cells import texts_of
from winnow.reading.sides import after_history, check_reply, of_turns, prompt_of, turns
from winnow.records.record import Message, Record, Rejected
from winnow.sources import alpaca

_SIDES = (
    ("chosen", "rejected"),
    ("chosen_messages", "rejected_messages"),
    ("preferred_output", "non_preferred_output"),
    ("chosen_response", "rejected_response"),
    ("response_chosen", "response_rejected"),
    ("response_j", "response_k"),
)
_PROMPTS = ("conversations", "messages", "prompt", "question", "query", "conversation")
_PLAIN = Message("user", "")[2:]
_SCORES = (
    ("score_chosen", "score_rejected"),
    ("chosen_score", "rejected_score"),
    ("chosen_rating", "rejected_rating"),
    ("chosen-rating", "rejected-rating"),
    ("chosen_reward", "rejected_reward"),
    ("reward_chosen", "reward_rejected"),
    ("chosen_avg_rating", "rejected_avg_rating"),
    ("score_j", "score_k"),
)


def difference(better: float, worse: float) -> float:
    """Return how much better one score is; scores whose difference cannot be held are :class:`Unusable`."""
    if not math.isfinite(better - worse):
        raise Unusable("wrong_type", "the scores are too far apart for their difference to be held")
    return better - worse


def _apart(both: list[list[Message]], names: tuple[str, str]) -> int:
    """Return how many turns two whole conversations share before their replies."""
    better, worse = both
    shared = 0
    while shared < min(len(better), len(worse)) - 1 and better[shared] == worse[shared]:
        shared += 1
    while shared and better[shared - 1].role not in ("user", "tool"):
        shared -= 1
    if not any(one.role == "user" for one in better[:shared]):
        raise Unusable("no_shared_prompt", f"{names[0]!r} and {names[1]!r} begin with different prompts")
    return shared


def _agree(value: dict[str, Any], shared: list[Message]) -> None:
    """Raise unless a ``prompt`` beside whole conversations is what they begin with."""
    prompt = value.get("prompt")
    if prompt is None or prompt == "":
        return
    read = turns(prompt, "prompt", "user")
    apart = [one for one in read if one.role != "system"]
    before = shared[len(shared) - len(apart) :]
    same = [one.content.strip() for one in apart] == [one.content.strip() for one in before]
    told = any(one[2:] != _PLAIN for one in read if one.role == "system")
    if same and (told or any(one[2:] not in (other[2:], _PLAIN) for one, other in zip(apart, before, strict=True))):
        raise Unusable("prompt_mismatch", "a turn of 'prompt' has masks, calls, names or reasoning of its own")
    if not same and not (isinstance(prompt, str) and prompt.strip() == shared[0].content.strip()):
        raise Unusable("prompt_mismatch", "'prompt' is not what 'chosen' and 'rejected' begin with")


class _Pair(NamedTuple):
    """Prompt, chosen and rejected turns of a pair, the fields that they were read from, and notes."""

    prompt: list[Message]
    better: list[Message]
    worse: list[Message]
    used: set[str]
    strict: bool = False
    template: str = ""


def _names(value: dict[str, Any]) -> tuple[str, str]:
    """Return the fields of the better and the worse reply."""
    there = [names for names in _SIDES if any(value.get(name) is not None for name in names)]
    names = next((names for names in there if all(value.get(name) is not None for name in names)), None)
    return names or (there[0] if there else _SIDES[0])


def _prompted(value: dict[str, Any]) -> str:
    return next((name for name in _PROMPTS if value.get(name) is not None), "")


def _pair(value: dict[str, Any]) -> _Pair:
    names = _names(value)
    for name in names:
        if name not in value:
            raise Unusable("missing_field", f"there is no {name!r}")
    prompted = _prompted(value)
    carried = templates.prompt(value[prompted], prompted) if isinstance(value.get(prompted), str) else None
    sides = [_bare(value[name], carried, name) for name in names]
    better, worse = both = [turns(side, name, "assistant") for side, name in zip(sides, names, strict=True)]
    complete = [side[0].role != "assistant" for side in both]
    used = set(names)
    if all(complete):
        shared = _apart(both, names)
        _agree(value, [one for one in better[:shared] if one.role != "system"])
        used.add("prompt")
        if value.get("messages") in (value[names[0]], []):  # UltraFeedback repeats the chosen conversation
            used.add("messages")
        return _Pair(better[:shared], better[shared:], worse[shared:], used)
    if any(complete):
        raise Unusable("not_one_reply", "one of 'chosen' and 'rejected' is a whole conversation and the other a reply")
    if not prompted:
        raise Unusable("missing_field", f"there is no prompt: none of {', '.join(_PROMPTS)}")
    prompt = turns(value[prompted], prompted, "user")
    if carried:
        return _Pair(prompt, better, worse, used | {prompted}, template=carried.template.name)
    used |= {prompted, "history"}
    return _Pair(after_history(value, prompt), better, worse, used, prompted == "conversations")


def _bare(side: Any, carried: templates.Transcript | None, name: str) -> Any:
    """Return a reply without the marks of the template that its prompt carries."""
    return templates.reply(side, carried, name) if carried and isinstance(side, str) else side


def _alpaca(value: dict[str, Any]) -> Record:
    """Read a pair in Alpaca's layout by its adapter: ``input`` and ``history`` mean there what they mean here."""
    names = _names(value)
    replies = [text(value, name) for name in names]
    others = {name: content for name, content in value.items() if name not in (*names, "output")}
    record = alpaca.convert({**others, "output": replies}, {})
    assert record.rejected is not None
    record.rejected = [Rejected(record.rejected[0].messages)]
    if "output" in value:
        record.metadata["output"] = value["output"]
    return record


def _chat(value: dict[str, Any], options: Options) -> Record:
    pair = _pair(value)
    system, source = prompt_of(pair.prompt)
    prompt, notes = order.prompt_in_order(source, options)
    check_reply(pair.better, "chosen")
    check_reply(pair.worse, "rejected")
    if pair.strict:
        order.alternate([*prompt, *pair.better])
        order.alternate([*prompt, *pair.worse])
    system, metadata = chat.system_beside(value, system, frozenset({"id", "tools", *pair.used}))
    best = chat.numbered([*prompt, *pair.better])
    said, worse, head = [*source, *best[len(prompt) :]] if notes else best, pair.worse, system
    if pair.template:  # the id is made of the texts as the source has them
        notes["turns_template"], head = pair.template, optional_text(value, "system")
        asked, chosen, rejected = (str(value[name]) for name in (_prompted(value), *_names(value)))
        said, worse = [Message("user", asked), Message("assistant", chosen)], [Message("assistant", rejected)]
    return Record(
        messages=best,
        key_text=(head or "", *map(chat.key_of, said), "\0", *map(chat.key_of, worse)),
        key=own_id(value),
        kind="preference",
        system=system,
        prompt_turns=len(prompt),
        rejected=[Rejected(tuple(chat.numbered([*prompt, *pair.worse])[len(prompt) :]))],
        tools=chat.tools(value),
        metadata=metadata | notes | of_turns(value, pair.used),
    )


def _flat(value: dict[str, Any]) -> dict[str, Any]:
    """Return OpenAI's layout, whose ``input`` holds ``messages`` and ``tools``, with these beside the replies."""
    inside = value.get("input")
    if not isinstance(inside, dict) or "messages" not in inside:
        return value
    return {**{name: content for name, content in value.items() if name != "input"}, **inside}


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read a prompt with a better reply and one worse, or a list of texts that are worse."""
    value = _flat(value)
    names = _names(value)
    better, worse = value.get(names[0]), texts_of(value.get(names[1]))
    if worse is None or (isinstance(better, str) and better.lstrip().startswith("[")):
        return _convert(value, options)
    if isinstance(better, list) and len(better) == 1:
        better = better[0]
    record = _convert({**value, names[0]: better, names[1]: worse[0]}, options)
    if len(worse) > 1 and "turns_template" in record.metadata:
        raise Unusable("chat_template", f"{names[1]!r} is a list beside a prompt that carries a chat template")
    more = [(Message("assistant", one),) for one in worse[1:]]
    if tuple(record.messages[record.prompt_turns :]) in more:
        raise Unusable("same_reply", "the chosen and the rejected reply are the same")
    record.rejected = [*(record.rejected or ()), *map(Rejected, more)]
    record.key_text = (*record.key_text, *worse[1:])
    return record


def _convert(value: dict[str, Any], options: Options) -> Record:
    """Read one pair of replies with its prompt."""
    sides = [value.get(name) for name in _names(value)]
    apart = any(value.get(name) is not None for name in _PROMPTS) or any(isinstance(side, list) for side in sides)
    record = _chat(value, options) if apart or value.get("instruction") is None else _alpaca(value)
    assert record.rejected is not None
    worse = record.rejected[0].messages
    if tuple(record.messages[record.prompt_turns :]) == worse:
        raise Unusable("same_reply", "the chosen and the rejected reply are the same")
    for names in _SCORES:
        if all(value.get(name) is not None for name in names):
            best, worst = (measured(value[name], repr(name)) for name in names)
            record.margin, record.rejected = difference(best, worst), [Rejected(worse, score=worst)]
            del record.metadata[names[1]]
            break
    else:
        if value.get("margin") is not None:
            record.margin = measured(record.metadata.pop("margin"), "'margin'")
    return record


def _looks_like(value: dict[str, Any]) -> bool:
    value = _flat(value)
    names = _names(value)
    sides = [value.get(name) for name in names]
    if all(isinstance(side, list) and side and isinstance(side[0], dict) for side in sides):
        return True
    if not all(isinstance(side, str | dict | list) for side in sides) or "output" in value:
        return False
    if any(isinstance(value.get(name), str | list) and value[name] for name in ("instruction", *_PROMPTS)):
        return True
    return all(isinstance(side, str) and _is_whole(side) for side in sides)


def _is_whole(side: str) -> bool:
    """Tell whether a reply is a whole conversation in text: JSON, or a transcript that is not HH-RLHF's."""
    if side.startswith("[{"):
        return layouts.is_list_of_turns(layouts.quietly(side, ""))
    return templates.whole(side) is not None


ADAPTER = Adapter(
    summary="preference pairs: chosen and rejected with a prompt or as whole conversations (LLaMA-Factory, TRL)",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
    options=order.OPTIONS,
)
