"""What became of the slots of a plan: rows by the gate that left them out, and reasons of slots that gave no row."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.chain import GATES
from winnow.growing.proposing import Outcome
from winnow.growing.render import request
from winnow.growing.shown import texts_in
from winnow.ledger.line import Reply
from winnow.recipes.rounds import Round
from winnow.recipes.slots import Lost, Replies, Waiting, states
from winnow.replies.settings import TooLong
from winnow.replies.stage import PENDING, TOO_LONG
from winnow.storage.buckets import read_bucket

ACCEPTED, BEYOND, GONE = "accepted", "beyond_target", "parent_gone"
LAST = "accept"
"""The gate behind which a row is accepted; those after it only place it in the release."""
_BY_HAND = ("takedown", "dropped_by_hand")


class Key(NamedTuple):
    """A slot: its plan, round and number."""

    plan: str
    round: int
    slot: int


@dataclass
class Fates:
    """By slot what became of its row, by row the row's id, and the rows that people took out."""

    by_slot: dict[Key, str] = field(default_factory=dict)
    row_of: dict[Key, str] = field(default_factory=dict)
    out: set[str] = field(default_factory=set)
    waits: int = 0
    """Rows of any origin that wait for a verdict: they may become seeds."""


def gates_to_accept() -> list[str]:
    """Return the gates that a row passes until it is accepted, in order."""
    return list(GATES[: GATES.index(LAST) + 1])


def fates(records: Path, gates: Mapping[str, Path], sources: Mapping[str, str], buckets: int) -> Fates:
    """Return what became of the rows of ``sources``, a source for each plan.

    ``gates`` are the folders of decisions by gate, :func:`gates_to_accept`. A row that waits for a verdict is pending.
    """
    found = Fates()
    names = pa.array(sorted(sources.values()), pa.string())
    for bucket in range(buckets):
        taken = read_bucket(gates["filter"], bucket, ["row_id", "reason"])
        found.out |= set(taken["row_id"].filter(pc.is_in(taken["reason"], value_set=pa.array(_BY_HAND))).to_pylist())
        scored = read_bucket(gates["score"], bucket, ["reason"])
        found.waits += int(pc.sum(pc.equal(scored["reason"], PENDING)).as_py() or 0)
        rows = read_bucket(records, bucket, ["row_id", "source", "metadata"])
        rows = rows.filter(pc.is_in(rows["source"], value_set=names))
        if not len(rows):
            continue
        reasons = _reasons(gates, bucket, rows["row_id"])
        for row_id, metadata in zip(rows["row_id"].to_pylist(), rows["metadata"].to_pylist(), strict=True):
            about = json.loads(metadata)
            key = Key(about["plan"], about["round"], about["slot"])
            found.row_of[key] = row_id
            found.by_slot[key] = reasons.get(row_id, ACCEPTED)
    return found


def _reasons(gates: Mapping[str, Path], bucket: int, row_ids: pa.ChunkedArray) -> dict[str, str]:
    among = row_ids.combine_chunks()
    found: dict[str, str] = {}
    for gate in gates_to_accept():
        table = read_bucket(gates[gate], bucket, ["row_id", "verdict", "reason"])
        dropped = pc.and_(pc.equal(table["verdict"], "drop"), pc.is_in(table["row_id"], value_set=among))
        table = table.filter(dropped)
        found |= dict(zip(table["row_id"].to_pylist(), table["reason"].to_pylist(), strict=True))
    return found


@dataclass
class Account:
    """One round: slots by operator and outcome, replies and tokens; it is open while anything of it is pending."""

    round: Round
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    replies: int = 0
    parsed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    waiting: int = 0

    @property
    def outcome(self) -> Outcome:
        """The round as the next one is planned by."""
        by_outcome = self.totals
        accepted = by_outcome[ACCEPTED] + by_outcome[BEYOND]
        return Outcome(self.round.number, len(self.round.slots), accepted, by_outcome[PENDING])

    @property
    def totals(self) -> Counter[str]:
        """Slots by outcome."""
        sums: Counter[str] = Counter()
        for (_, outcome), count in self.outcomes.items():
            sums[outcome] += count
        return sums


def account(round_: Round, replies: Replies, found: Fates, records: Path, buckets: int) -> Account:
    """Return what became of a round; its slots are rows and reasons, none is left over.

    A slot without a reply is asked no more where a row that it shows is gone or was taken out (``parent_gone``), or
    where its texts are longer than the plan allows (``too_long``). ``records`` are the normalized ones.
    """
    result, listed = Account(round_), list(states(round_, replies))
    waiting = {row_id for slot, state in listed if isinstance(state, Waiting) for row_id in slot.shown}
    texts = texts_in(records, buckets, waiting)
    for slot, state in listed:
        key = Key(round_.plan, round_.number, slot.number)
        if isinstance(state, Waiting):
            outcome = PENDING if found.out.isdisjoint(slot.shown) else GONE
            try:
                request(round_, slot, state, texts)
            except KeyError:
                outcome = GONE
            except TooLong:
                outcome = TOO_LONG
            result.waiting += outcome == PENDING
        elif isinstance(state, Lost):
            outcome = state.reason
        else:
            outcome = found.by_slot.get(key, PENDING)
            result.parsed += 1
        result.outcomes[slot.operator or "", outcome] += 1
    for reply in _of_round(round_, replies):
        result.replies += 1
        result.prompt_tokens += reply.prompt_tokens or 0
        result.completion_tokens += reply.completion_tokens or 0
    return result


def _of_round(round_: Round, replies: Replies) -> Iterator[Reply]:
    for place, reply in replies.items():
        where: dict[str, Any] = json.loads(place)
        if where.get("plan") == round_.plan and where.get("round") == round_.number:
            yield reply
