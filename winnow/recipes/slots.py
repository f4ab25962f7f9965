"""The way of one slot through the steps of its recipe: what is to be asked next, why it is lost, or what it made."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow.compute as pc

from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply
from winnow.recipes.reading import read
from winnow.recipes.recipe import Step
from winnow.recipes.rounds import Round, Slot
from winnow.records.record import canonical_json
from winnow.replies.stage import OK, PENDING, Unusable

CUT = "cut"
Replies = Mapping[str, Reply]
"""Replies by the canonical JSON of their place."""

DETAILS = {
    PENDING: "the step {step} has no reply yet; run winnow ask propose",
    CUT: "the reply to the step {step} was cut off by its length",
    "refused": "the model refuses the step {step}",
    "empty": "the reply to the step {step} is empty",
    "other_model": "another model answered the step {step} than the one that was asked",
    "rejected": "the server rejects the request of the step {step}",
    "unparsed": "the reply to the step {step} is not of the form asked for",
    "missing_field": "the reply to the step {step} lacks a field, or its text is empty",
    "wrong_type": "a field of the reply to the step {step} is of another type",
    "no_item": "the reply to the step {step} holds fewer items than slots share it",
}
"""What the reasons of a lost slot mean; a recipe adds its own by ``stop``."""


class Waiting(NamedTuple):
    """A slot that needs the reply to ``step``; ``fields`` are those of the steps before."""

    step: Step
    fields: Mapping[str, Any]
    replies: tuple[Reply, ...]


class Lost(NamedTuple):
    """A slot that gives no row; ``skipped`` by the model's own word, or ``quarantined`` because nothing can be read."""

    outcome: str
    reason: str
    detail: str
    replies: tuple[Reply, ...]


class Made(NamedTuple):
    """A slot whose steps are all read."""

    fields: Mapping[str, Any]
    replies: tuple[Reply, ...]


def replies_of(ledger: Ledger) -> dict[str, Reply]:
    """Return the replies that have a place. Of several for one place a usable one is taken, then the smallest key."""
    placed = ledger.table.filter(pc.is_valid(ledger.table["place"]))
    found: dict[str, Reply] = {}
    for one in placed.to_pylist():
        reply = Reply(**one)
        place = str(reply.place)
        other = found.get(place)
        if other is None or _rank(reply) < _rank(other):
            found[place] = reply
    return found


def _rank(reply: Reply) -> tuple[bool, str]:
    return reply.status != OK, reply.key


def walk(round_: Round, slot: Slot, replies: Replies) -> Waiting | Lost | Made:
    """Follow the steps of a slot as far as their replies go."""
    fields: dict[str, Any] = {}
    seen: tuple[Reply, ...] = ()
    for step in round_.recipe.steps:
        if not step.applies(fields):
            continue
        reply = replies.get(canonical_json(round_.place(slot, step.name)))
        if reply is None:
            return Waiting(step, fields, seen)
        seen = (*seen, reply)
        if lost := _read_into(fields, step, slot, reply, seen):
            return lost
        if step.stop and fields[step.stop.field] == step.stop.value:
            return Lost("skipped", step.stop.reason, f"by the reply to the step {step.name}", seen)
    return Made(fields, seen)


def _read_into(fields: dict[str, Any], step: Step, slot: Slot, reply: Reply, seen: tuple[Reply, ...]) -> Lost | None:
    """Put what a reply says into ``fields``; return why it says nothing."""
    cut = reply.status == CUT
    if reply.status != OK and not (cut and step.items > 1):
        return _lost("quarantined", reply.status, step, seen)
    try:
        items = read(step, reply.reply, cut=cut)
    except Unusable as reason:
        return _lost("quarantined", str(reason), step, seen)
    at = slot.item if step.items > 1 else 0
    if at >= len(items):
        return _lost("quarantined", CUT, step, seen) if cut else _lost("skipped", "no_item", step, seen)
    item = items[at]
    if isinstance(item, str):
        return _lost("quarantined", item, step, seen)
    fields |= item
    return None


def _lost(outcome: str, reason: str, step: Step, seen: tuple[Reply, ...]) -> Lost:
    return Lost(outcome, reason, DETAILS[reason].format(step=step.name), seen)


def states(round_: Round, replies: Replies) -> Iterator[tuple[Slot, Waiting | Lost | Made]]:
    """Yield each slot of a round with how far it is."""
    for slot in round_.slots:
        yield slot, walk(round_, slot, replies)
