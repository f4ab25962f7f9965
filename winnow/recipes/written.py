"""The adapter ``written``: frozen rounds and the ledger to records.

A raw unit is a slot, whether it is answered or not. So the slots of a plan are rows and reasons, and the conservation
law of ``normalize`` covers what models write.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply
from winnow.reading.adapter import LeftOut, Row
from winnow.reading.collect import FileTask, account
from winnow.reading.entries import Entry
from winnow.reading.tally import Tally
from winnow.reading.units import Unit
from winnow.reading.window import Caps
from winnow.recipes.recipe import INPUT, INSTRUCTION, OUTPUT, REASONING
from winnow.recipes.rounds import Round, Slot, rounds
from winnow.recipes.slots import Lost, Made, Replies, Waiting, replies_of, states
from winnow.records.identity import digest
from winnow.records.licence import joined
from winnow.records.record import Message, Record, canonical_json
from winnow.replies.stage import PENDING

_FIRST = 1 << 19
"""The first number of its spill files: those of raw files are numbered from 0."""


def collect_written(
    entries: Sequence[Entry], plans: Path, ledger: Path, scratch: Path, buckets: int, caps: Caps
) -> dict[str, Tally]:
    """Spill the slots of all plans that ``entries`` read, and return the tally of each source.

    ``plans`` is the folder of frozen rounds, ``ledger`` that of the replies.
    """
    tallies: dict[str, Tally] = {}
    if not entries:
        return tallies
    replies, number = replies_of(Ledger.read(ledger)), _FIRST
    for entry in entries:
        tallies[entry.name] = tally = Tally(of_plan=True)
        for round_ in rounds(entry.plan, plans):
            task = FileTask(entry, Path(round_.file), number, scratch, buckets, caps)
            tally.add(account(task, Tally(units=len(round_.slots)), partial(_outcomes, round_, replies)))
            number += 1
    return tallies


def _outcomes(round_: Round, replies: Replies, _: object) -> Iterator[Row | LeftOut]:
    return outcomes(round_, replies)


def outcomes(round_: Round, replies: Replies) -> Iterator[Row | LeftOut]:
    """Yield what became of each slot of a round."""
    for slot, state in states(round_, replies):
        unit = _unit(round_, slot, state.replies)
        if isinstance(state, Made):
            yield Row(record(round_, slot, state), (unit,))
        elif isinstance(state, Lost):
            yield LeftOut(unit, state.outcome, state.reason, state.detail)
        else:
            yield LeftOut(unit, "skipped", PENDING, _waits(state))


def _waits(state: Waiting) -> str:
    return f"the step {state.step.name} has no reply yet; run winnow ask propose"


def _unit(round_: Round, slot: Slot, replies: Sequence[Reply]) -> Unit:
    """Return a slot as a raw unit: where it stands in its round, and what was said."""
    said = [one.reply for one in replies]
    value = {"plan": round_.plan, "round": round_.number, "slot": slot.number, "replies": said}
    return Unit(round_.file, slot.line, canonical_json(value), value)


def record(round_: Round, slot: Slot, made: Made) -> Record:
    """Return the record of a slot whose replies are all read.

    Its id follows from the replies that made it, so that text under one id never changes.
    """
    fields, parents = made.fields, list(slot.shown)
    context = str(fields.get(INPUT) or "") or None
    thought = "\n".join(fields[REASONING]) if REASONING in fields else None
    return Record(
        messages=[Message("user", str(fields[INSTRUCTION])), Message("assistant", str(fields[OUTPUT]), thought)],
        key_text=(str(fields[INSTRUCTION]), context or "", str(fields[OUTPUT])),
        key=digest(canonical_json([[one.key for one in made.replies], slot.item])),
        context=context,
        group=round_.family(slot),
        parents=list(dict.fromkeys(parents)),
        license=joined(round_.rows[one].license for one in parents),
        origin="generated",
        metadata=_metadata(round_, slot, made),
    )


def _unsaid(constraint: Mapping[str, Any]) -> dict[str, Any]:
    """Return a constraint of a slot as metadata has it: without its words, which the prompt has."""
    return {name: value for name, value in constraint.items() if name != "text"}


def _metadata(round_: Round, slot: Slot, made: Made) -> dict[str, Any]:
    terms = {term for one in slot.shown for term in round_.rows[one].terms} | set(round_.output_terms)
    about: Mapping[str, Any] = {
        "plan": round_.plan,
        "round": round_.number,
        "slot": slot.number,
        "method": round_.recipe.name,
        "method_version": round_.recipe.version,
        "operator": slot.operator,
        "aim": slot.aim or None,
        "depth": round_.depth(slot),
        "written_by": sorted({one.model for one in made.replies}),
        "roles": dict.fromkeys(slot.shown, round_.role),
        "output_terms": sorted(terms),
        "constraints": [_unsaid(one) for one in slot.constraints] or None,
    }
    return {name: value for name, value in about.items() if value is not None}
