"""What ``winnow ask propose`` needs: the requests of the open round of each plan, and the freezing of a due one."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.growing.plans import Plan, plans
from winnow.growing.render import Texts, request
from winnow.growing.shown import texts_in
from winnow.harness.digests import digests
from winnow.harness.errors import UserError
from winnow.harness.files import write_file
from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply
from winnow.ledger.request import Request
from winnow.recipes.rounds import Round, path_of, read_round, rounds
from winnow.recipes.slots import Lost, Made, Replies, Waiting, replies_of, states, walk
from winnow.records.record import canonical_json
from winnow.replies.folders import LEDGER, Locate
from winnow.replies.settings import Settings, TooLong
from winnow.replies.stage import Canary, Row
from winnow.storage.buckets import read_bucket

NAME = "propose"
PLANS, RECIPES, PROPOSED = "data/plans", "data/recipes", "data/propose"
_RECORDS, _FILTER, _RECEIPT = "data/normalize/records", "data/filter", "data/receipts/propose.json"


@dataclass(frozen=True)
class Slots:
    """The stage ``propose`` by the settings and files that are here; ``only`` keeps to one plan."""

    plans: Sequence[Plan]
    group: Mapping[str, Any]
    buckets: int
    locate: Locate
    only: str | None = None

    @property
    def asks(self) -> bool:
        """Whether there is a plan."""
        return bool(self.plans)

    def of(self, plan: str) -> "Slots":
        """Return the stage with one plan alone."""
        return replace(self, only=plan)

    def pending(self, *, answered: bool = False) -> Iterator[Request]:
        """Yield the requests that can be made now, each once: the next step of each slot of an open or due round.

        With ``answered`` those that have a reply too. A further step of a slot becomes a request when the reply before
        it is in the ledger, so that `winnow ask` is run until there is nothing to ask. Raises :class:`UserError` where
        the round that is due was listed by other settings or recipes.
        """
        replies, model = self._replies(), None
        for round_ in self._rounds():
            if model not in (None, round_.model["model"]):
                continue  # a session asks one model; the other one's requests come in the next
            for one in self._of_round(round_, replies, answered=answered):
                model = round_.model["model"]
                yield one

    def _of_round(self, round_: Round, replies: Replies, *, answered: bool) -> Iterator[Request]:
        """Yield the requests of one round, each once; nothing is asked about rows that are gone, or too long."""
        waiting = [
            (slot, one)
            for slot, state in states(round_, replies)
            for one in [*(_passed(round_, slot.number, replies) if answered else ()), state]
            if isinstance(one, Waiting)
        ]
        if not waiting:
            return
        texts, out, seen = self._texts(round_.rows), self._taken_out(), set[str]()
        for slot, one in waiting:
            if not out.isdisjoint(slot.shown):
                continue
            try:
                made = request(round_, slot, one, texts)
            except (KeyError, TooLong):
                continue
            if made.key not in seen:
                seen.add(made.key)
                yield made

    def begin(self) -> None:
        """Freeze the rounds that are due: their files stand in ``data/plans`` before the first reply is bought."""
        for plan in self._plans():
            proposed = self._proposed(plan)
            if proposed is not None:
                write_file(path_of(plan.name, proposed.number, Path(PLANS)), proposed.text())

    def canaries(self, session: int) -> Sequence[Canary]:
        """Return none: a wrong model shows in the yield of its first round, which `winnow grow` stops at."""
        return ()

    def accepts(self, name: str) -> bool:
        """Return whether a server that answers as ``name`` answers as one of the models that are asked."""
        return any(
            Settings(model=one.asks["model"], answers_as=one.asks["answers_as"]).accepts(name) for one in self._plans()
        )

    def advice(self, words: str) -> str | None:
        """Return what to change where a server does not know the form of replies."""
        if any(name in words for name in ("response_format", "json_schema", "guided", "grammar", "structured")):
            return "Another form of replies may do: set form of the plan to json_object_schema, json_object or text."
        return None

    def replies(self, row: Row) -> list[dict[str, Any]]:
        """Return each reply that a row was made of, with what was asked."""
        about = json.loads(row["metadata"]) if row.get("origin") == "generated" else {}
        if not isinstance(about.get("plan"), str) or type(about.get("round")) is not int:
            return []
        file = path_of(about["plan"], about["round"], self.locate(PLANS))
        if not file.is_file():
            return []
        round_, replies = read_round(file), self._replies()
        slot = round_.by_number.get(about.get("slot", -1))
        if slot is None:
            return []
        texts = self._texts(slot.shown)
        state = walk(round_, slot, replies)
        found = []
        for one, reply in zip(_passed(round_, slot.number, replies), state.replies, strict=True):
            try:
                messages = request(round_, slot, one, texts).body["messages"]
            except (KeyError, TooLong):
                messages = []
            found.append(_shown(one, reply, messages))
        return found

    def _plans(self) -> list[Plan]:
        return [plan for plan in self.plans if self.only in (None, plan.name)]

    def _replies(self) -> dict[str, Reply]:
        return replies_of(Ledger.read(self.locate(f"{LEDGER}/{NAME}")))

    def _rounds(self) -> Iterator[Round]:
        """Yield of each plan the frozen rounds, and the one that is due."""
        for plan in self._plans():
            yield from rounds(plan.name, self.locate(PLANS))
            if (proposed := self._proposed(plan)) is not None:
                yield proposed

    def _proposed(self, plan: Plan) -> Round | None:
        """Return the round that the stage listed as due, None where it is frozen by now."""
        number = len(list(self.locate(PLANS).joinpath(plan.name).glob("*.json"))) + 1
        file = path_of(plan.name, number, self.locate(PROPOSED))
        if not file.is_file():
            return None
        self._check_receipt()
        return read_round(file)

    def _check_receipt(self) -> None:
        """Raise where the stage last ran with other plans or recipes, so that its rounds are not those of now."""
        receipt = self.locate(_RECEIPT)
        then = json.loads(receipt.read_text(encoding="utf-8")) if receipt.is_file() else None
        if then is None:
            return
        recipes = {name: md5 for name, md5 in then["inputs"].items() if name.startswith(f"{RECIPES}/")}
        if then["settings"]["plans"] != json.loads(json.dumps(self.group)) or recipes != digests([RECIPES]):
            raise UserError(
                f"params.yaml (propose) or {RECIPES} have changed since the next round was listed; run dvc repro "
                "propose, then winnow ask again."
            )

    def _taken_out(self) -> set[str]:
        """Return the rows that people dropped or took down: they are shown to nobody."""
        found: set[str] = set()
        for bucket in range(self.buckets):
            table = read_bucket(self.locate(_FILTER), bucket, ["row_id", "reason"])
            by_hand = pc.is_in(table["reason"], value_set=pa.array(["takedown", "dropped_by_hand"]))
            found |= set(table["row_id"].filter(by_hand).to_pylist())
        return found

    def _texts(self, row_ids: Iterable[str]) -> dict[str, Texts]:
        return texts_in(self.locate(_RECORDS), self.buckets, row_ids)


def _passed(round_: Round, number: int, replies: Replies) -> list[Waiting]:
    """Return the steps of a slot that have a reply, each with the fields before it."""
    slot = round_.by_number[number]
    found: list[Waiting] = []
    known: dict[str, Reply] = {}
    state: Waiting | Lost | Made = walk(round_, slot, known)
    while isinstance(state, Waiting):
        place = _place(round_, number, state)
        if place not in replies:
            break
        found.append(state)
        known[place] = replies[place]
        state = walk(round_, slot, known)
    return found


def _place(round_: Round, number: int, state: Waiting) -> str:
    return canonical_json(round_.place(round_.by_number[number], state.step.name))


def _shown(one: Waiting, reply: Reply, messages: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "asked": f"{NAME} {one.step.name}",
        "step": one.step.name,
        "sample": 0,
        "model": reply.model,
        "status": reply.status,
        "reply": reply.reply,
        "request": [dict(message) for message in messages],
    }


class _Propose:
    """The stage as ``meta.asks`` of dvc.yaml names it."""

    name = NAME

    def open(self, params: Mapping[str, Any], locate: Locate = Path) -> Slots:
        """Return what `winnow ask` needs of the stage, by ``params.yaml`` and files where ``locate`` says."""
        group = (params.get(NAME) or {}).get("plans") or {}
        if not isinstance(group, Mapping):
            raise UserError("params.yaml: propose.plans must be a map of plans.")
        listed = plans(group, locate(RECIPES)) if group else []
        return Slots(listed, group, int(params["buckets"]), locate)


PROPOSE = _Propose()
