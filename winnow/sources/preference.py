"""Preference pairs: ``chosen`` and ``rejected`` replies to one prompt, in the layouts of LLaMA-Factory, TRL, Axolotl.

The prompt has a field (``conversations``, ``messages``, ``prompt``, ``instruction``, ``question``) or is what two whole
conversations (``chosen``, ``rejected``; in LLaMA-Factory's v1 ``chosen_messages``, ``rejected_messages``) begin with;
UltraFeedback does both, and then they must agree. Two texts without a prompt are refused: where the prompt ends in
their common beginning cannot be told from a reply's first words. A reply is made of turns of the assistant and of tools
alone, so a pair that goes on with the user after it parts is refused too.

With scores of both replies ``margin`` is their difference, below zero where the source contradicts itself.
"""

import math
from collections.abc import Iterable
from typing import Any

from winnow.reading import chat
from winnow.reading.adapter import Adapter, Options, Unusable, kind_of, number, own_id, per_unit, share, text
from winnow.records.record import Message, Record, Rejected
from winnow.sources import alpaca, messages, sharegpt

_SIDES = ("chosen", "rejected")
_SIDES_V1 = ("chosen_messages", "rejected_messages")
_PROMPTS = ("conversations", "messages", "prompt", "question")
_PLAIN = Message("user", "")[2:]
_SCORES = (
    ("score_chosen", "score_rejected"),
    ("chosen_score", "rejected_score"),
    ("chosen_rating", "rejected_rating"),
    ("chosen-rating", "rejected-rating"),
)


def difference(better: float, worse: float) -> float:
    """Return how much better one score is; scores whose difference cannot be held are :class:`Unusable`."""
    if not math.isfinite(better - worse):
        raise Unusable("wrong_type", "the scores are too far apart for their difference to be held")
    return better - worse


def turns(content: Any, name: str, role: str) -> list[Message]:
    """Read the field ``name``: a text (a turn of ``role``), one turn, or a list of turns, of either chat layout."""
    if isinstance(content, str):
        return [Message(role, content)]
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        raise Unusable("wrong_type", f"{name!r} is {kind_of(content)}, neither text nor turns")
    if not content:
        raise Unusable("empty_list", f"{name!r} holds no turn")
    shaped = any(isinstance(one, dict) and "from" in one for one in content)
    return sharegpt.turns_in(content) if shaped else messages.turns(content)


def of_turns(value: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return what the turns in the fields ``names`` hold beside what was read of them."""
    used = messages.USED_OF_TURN | sharegpt.USED_OF_TURN
    listed = {name: [value[name]] if isinstance(value.get(name), dict) else value.get(name) for name in sorted(names)}
    held = {name: chat.beside(turns, used) for name, turns in listed.items() if isinstance(turns, list)}
    return {name: extra for name, extra in held.items() if extra}


def prompt_of(read: list[Message]) -> tuple[str | None, list[Message]]:
    """Return system prompt and turns of a prompt, which must end where a reply can follow."""
    system, read = chat.split_system(read, "prompt")
    if read[-1].role not in ("user", "tool"):
        raise Unusable("wrong_order", f"the prompt ends with a turn of the {read[-1].role}")
    return system, read


def check_reply(reply: list[Message], name: str) -> None:
    """Raise :class:`Unusable` unless turns are one reply: of the assistant, with the answers of its tools."""
    if stray := next((one.role for one in reply if one.role not in ("assistant", "tool")), None):
        raise Unusable("not_one_reply", f"{name!r} goes on with a turn of the {stray}")
    if reply[0].role != "assistant" or reply[-1].role != "assistant":
        raise Unusable("not_one_reply", f"{name!r} does not start and end with the assistant")


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


def _pair(value: dict[str, Any]) -> tuple[list[Message], list[Message], list[Message], set[str]]:
    """Return prompt, chosen and rejected turns, and the fields that they were read from."""
    names = _SIDES_V1 if any(value.get(name) is not None for name in _SIDES_V1) else _SIDES
    for name in names:
        if name not in value:
            raise Unusable("missing_field", f"there is no {name!r}")
    better, worse = both = [turns(value[name], name, "assistant") for name in names]
    complete = [side[0].role != "assistant" for side in both]
    used = set(names)
    if all(complete):
        shared = _apart(both, names)
        _agree(value, [one for one in better[:shared] if one.role != "system"])
        used.add("prompt")
        if value.get("messages") in (value[names[0]], []):  # UltraFeedback repeats the chosen conversation
            used.add("messages")
        return better[:shared], better[shared:], worse[shared:], used
    if any(complete):
        raise Unusable("not_one_reply", "one of 'chosen' and 'rejected' is a whole conversation and the other a reply")
    name = next((name for name in _PROMPTS if value.get(name) is not None), "")
    if not name:
        raise Unusable("missing_field", f"there is no prompt: none of {', '.join(_PROMPTS)}")
    prompt = turns(value[name], name, "user")
    if name == "conversations":
        led = prompt[0].role == "system"
        sharegpt.alternate([*prompt[led:], *better])
        sharegpt.alternate([*prompt[led:], *worse])
    return prompt, better, worse, used | {name}


def _alpaca(value: dict[str, Any]) -> Record:
    """Read a pair in Alpaca's layout by its adapter: ``input`` and ``history`` mean there what they mean here."""
    replies = [text(value, name) for name in _SIDES]
    others = {name: content for name, content in value.items() if name not in ("chosen", "rejected", "output")}
    record = alpaca.convert({**others, "output": replies}, {})
    assert record.rejected is not None
    record.rejected = [Rejected(record.rejected[0].messages)]
    if "output" in value:
        record.metadata["output"] = value["output"]
    return record


def _chat(value: dict[str, Any]) -> Record:
    opening, better, worse, used = _pair(value)
    system, prompt = prompt_of(opening)
    check_reply(better, "chosen")
    check_reply(worse, "rejected")
    system, metadata = chat.system_beside(value, system, frozenset({"id", "tools", *used}))
    best = chat.numbered([*prompt, *better])
    return Record(
        messages=best,
        key_text=(system or "", *map(chat.key_of, best), "\0", *map(chat.key_of, worse)),
        key=own_id(value),
        kind="preference",
        system=system,
        prompt_turns=len(prompt),
        rejected=[Rejected(tuple(chat.numbered([*prompt, *worse])[len(prompt) :]))],
        tools=chat.tools(value),
        metadata=metadata | of_turns(value, used),
    )


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one pair of replies with its prompt."""
    apart = any(value.get(name) is not None for name in _PROMPTS) or any(isinstance(value.get(n), list) for n in _SIDES)
    record = _chat(value) if apart or value.get("instruction") is None else _alpaca(value)
    assert record.rejected is not None
    worse = record.rejected[0].messages
    if tuple(record.messages[record.prompt_turns :]) == worse:
        raise Unusable("same_reply", "the chosen and the rejected reply are the same")
    for names in _SCORES:
        if all(value.get(name) is not None for name in names):
            best, worst = (number(value[name], repr(name)) for name in names)
            record.margin, record.rejected = difference(best, worst), [Rejected(worse, score=worst)]
            del record.metadata[names[1]]
            break
    else:
        if value.get("margin") is not None:
            record.margin = number(record.metadata.pop("margin"), "'margin'")
    return record


def _looks_like(value: dict[str, Any]) -> bool:
    if all(isinstance(value.get(name), list) for name in _SIDES_V1):
        return True
    sides = [value.get(name) for name in _SIDES]
    if all(isinstance(side, list) and side and isinstance(side[0], dict) for side in sides):
        return True
    prompted = any(isinstance(value.get(name), str | list) and value[name] for name in ("instruction", *_PROMPTS))
    return prompted and all(isinstance(side, str | dict | list) for side in sides) and "output" not in value


ADAPTER = Adapter(
    summary="preference pairs: chosen and rejected with a prompt or as whole conversations (LLaMA-Factory, TRL)",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
