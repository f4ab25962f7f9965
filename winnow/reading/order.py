"""What becomes of turns that do not take turns: one policy for every chat format, the option ``turns`` of a source.

``merge`` (default) joins turns of one speaker that follow each other by a blank line, and cuts off what is no exchange:
replies before the first word of the user, turns after the last reply (a last "thanks"). ``cut`` keeps the turns before
the first break of order, ``quarantine`` refuses the conversation. Merging loses no reply; FastChat and Axolotl cut,
LLaMA-Factory refuses. The metadata of a row say what was done, and hold what was cut. A turn that calls a tool, thinks,
or is masked unlike its neighbour is never joined. An id is made of the turns as the source has them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from winnow.harness.errors import UserError
from winnow.reading.adapter import Unusable
from winnow.reading.chat import numbered, split_system
from winnow.records.record import Message

POLICIES = ("merge", "cut", "quarantine")
NOTES = frozenset({"turns_merged", "turns_cut", "turns_template"})
"""Keys of the metadata of a row that say that its turns are not as the source has them: how many were merged, which
were cut off, which template's marks were taken off (:mod:`winnow.reading.templates`)."""
OPTIONS: Mapping[str, Any] = {"turns": POLICIES[0]}
"""The option that every chat format has, with its default."""


class Settled(NamedTuple):
    """A conversation in order: its system prompt, its turns as the source has them and as they are used, and notes."""

    system: str | None
    source: list[Message]
    turns: list[Message]
    notes: dict[str, Any]


def check(options: Mapping[str, Any]) -> None:
    """Raise :class:`UserError` unless the option ``turns`` is one of :data:`POLICIES`."""
    if (policy := options.get("turns", POLICIES[0])) not in POLICIES:
        raise UserError(f"params.yaml: the option turns is {policy!r}; it is one of {', '.join(POLICIES)}.")


def settled(read: list[Message], options: Mapping[str, Any], strict: bool = False) -> Settled:
    """Return a whole conversation, which must hold a user's turn and a reply to it.

    ``strict`` asks of what is left that tools answer calls and that no system turn stands inside (LLaMA-Factory).
    """
    system, turns = split_system(read, "conversation")
    source = numbered(turns)
    kept, notes = in_order(source, options)
    if strict:
        alternate(kept)
    return Settled(system, source, kept, notes)


def in_order(turns: list[Message], options: Mapping[str, Any]) -> tuple[list[Message], dict[str, Any]]:
    """Return the turns of a whole conversation under the policy of the options, and what was done to them."""
    policy = options.get("turns", POLICIES[0])
    kept = turns
    if policy == "cut":
        kept = turns[: next((place for place, broken in enumerate(_breaks(turns)) if broken), len(turns))]
    elif policy == "quarantine":
        if turns[0].role == "assistant" or any(_breaks(turns)):
            alternate(turns)
            raise Unusable("wrong_order", "two turns of one speaker follow each other")
        if turns[-1].role != "assistant":
            raise Unusable("no_final_reply", f"the conversation ends with a turn of the {turns[-1].role}")
    first = next((place for place, one in enumerate(kept) if one.role != "assistant"), len(kept))
    last = next((place for place in range(len(kept), first, -1) if kept[place - 1].role == "assistant"), first)
    if last == first or not any(one.role == "user" for one in kept[first:last]):
        raise Unusable("no_final_reply", f"the conversation ends with a turn of the {turns[-1].role}")
    cut = [*turns[:first], *turns[last:]]
    kept, joined = merged(kept[first:last])
    notes: dict[str, Any] = {"turns_merged": joined} if joined else {}
    if cut:
        notes["turns_cut"] = [_whole(one) for one in cut]
    return kept, notes


def _whole(turn: Message) -> dict[str, Any]:
    """Return a turn that is cut off as it stands in the metadata: everything that it says."""
    told = {name: held for name, held in turn._asdict().items() if held is not None}
    if turn.tool_calls:
        told["tool_calls"] = [call._asdict() for call in turn.tool_calls]
    return told


def prompt_in_order(turns: list[Message], options: Mapping[str, Any]) -> tuple[list[Message], dict[str, Any]]:
    """Return the turns before a reply that stands apart: they can be merged, and nothing of them can be cut."""
    kept, joined = merged(turns)
    if joined and options.get("turns", POLICIES[0]) != "merge":
        raise Unusable("wrong_order", "two turns of one speaker follow each other")
    return kept, {"turns_merged": joined} if joined else {}


def _follows_itself(one: Message, other: Message) -> bool:
    if one.role != other.role or one.role not in ("user", "assistant"):
        return False
    plain = not (one.reasoning or other.reasoning or one.tool_calls or other.tool_calls)
    return plain and one._replace(content="") == other._replace(content="")


def _breaks(turns: Sequence[Message]) -> list[bool]:
    """Tell of each turn whether it breaks the order: it repeats a speaker and could be merged."""
    return [place > 0 and _follows_itself(turns[place - 1], one) for place, one in enumerate(turns)]


def merged(turns: Sequence[Message]) -> tuple[list[Message], int]:
    r"""Return turns with neighbours of one speaker joined by a blank line, and how many were joined to the one before.

    >>> merged([Message("user", "I lost it."), Message("user", "What now?")])[0][0].content
    'I lost it.\n\nWhat now?'
    """
    runs: list[list[Message]] = []
    for one in turns:
        if runs and _follows_itself(runs[-1][-1], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    return [_joined(run) for run in runs], len(turns) - len(runs)


def _joined(run: Sequence[Message]) -> Message:
    """Return the turns of one speaker as one."""
    if len(run) == 1:
        return run[0]
    return run[0]._replace(content="\n\n".join(one.content for one in run if one.content.strip()))


def alternate(turns: Sequence[Message]) -> None:
    """Raise :class:`Unusable` unless the speakers take turns; parallel calls may be answered in as many tool turns."""
    before, unanswered = "assistant", 0
    for number, one in enumerate(turns, 1):
        if one.role == "assistant":
            fits, unanswered = before in ("user", "tool"), len(one.tool_calls or ())
        elif one.role == "tool":
            fits = number > 1 and (before == "assistant" or (before == "tool" and unanswered > 0))
            unanswered -= 1
        else:
            fits = one.role == "user" and before == "assistant"
        if not fits:
            after = f"after one of the {before}" if number > 1 else "at the start"
            raise Unusable(
                "wrong_order", f"a turn of the {one.role} stands {after} (turn {number} of the conversation)"
            )
        before = one.role
