"""The method ``constrain``: constraints that a reply meets already are written into its prompt, the reply unchanged.

RECAST (Liu et al. 2025) mines constraints from replies; of its two halves this is the one by rules, which needs no
model and is correct by construction. Two passes read the records: the first counts how many replies to each kind of
task meet a constraint anyway, the second draws for each row among the constraints that few of them meet.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.augmenting.plans import Plan
from winnow.augmenting.rows import Row, fit
from winnow.constraints.check import CONSTRAINTS
from winnow.constraints.drawing import chosen, drawing, prompt
from winnow.constraints.finding import Offer, offers
from winnow.constraints.kinds import LANGUAGES, Kind
from winnow.constraints.measures import MEASURES
from winnow.constraints.shares import Shares
from winnow.facts.subject import Settings
from winnow.patches.apply import apply
from winnow.patches.patch import Patch
from winnow.reading.spill import Spill
from winnow.records import views
from winnow.records.identity import content_hash, digest
from winnow.records.record import canonical_json
from winnow.records.schema import RECORDS
from winnow.storage.buckets import each_batch

EVOLVED_FROM = "evolved_from"


class Pick(NamedTuple):
    """A row that may get constraints: its place in the draw, its kind of task, and the constraints with their words."""

    place: int
    row_id: str
    task: str
    language: str
    kinds: tuple[str, ...]
    prompt: str
    constraints: str


@dataclass(frozen=True)
class Task:
    """One bucket of normalized records with its patches, for one plan.

    ``rows`` and ``shares`` come of the first pass.
    """

    bucket: int
    records: Path
    patches: Mapping[str, Patch]
    plan: Plan
    kinds: Sequence[Kind]
    settings: Settings
    rows: Sequence[Row] = ()
    shares: Shares = field(default_factory=Shares)


def count_bucket(task: Task) -> tuple[Shares, list[Row]]:
    """First pass: count the replies of one bucket by task type and language, and list the rows that are fit."""
    shares, rows = Shares(), list[Row]()
    for table in each_batch(task.records, task.bucket):
        table = apply(table, task.patches).records
        batch = fit(table, task.settings, task.plan.sources)
        for language in LANGUAGES:
            measures = _measures(task.kinds, language)
            mine = batch.usual & (batch.language == language)
            for of in sorted(set(batch.task[mine])):
                at = pa.array(np.flatnonzero(mine & (batch.task == of)))
                shares.count((of, language), batch.response.take(at), measures)
        at = np.flatnonzero(batch.fit)
        ids = table["row_id"].take(pa.array(at)).to_pylist()
        rows += map(Row, ids, batch.task[at], batch.language[at])
    return shares, rows


def pick_bucket(task: Task) -> list[Pick]:
    """Second pass: draw the constraints of each row of one bucket that may get some."""
    picks: list[Pick] = []
    by_id = {row.row_id: row for row in task.rows}
    wanted = pa.array(sorted(by_id), pa.string())
    for table in each_batch(task.records, task.bucket):
        table = apply(table.filter(pc.is_in(table["row_id"], value_set=wanted)), task.patches).records
        rows = [by_id[row_id] for row_id in table["row_id"].to_pylist()]
        asked, replies = views.instruction(table), views.response(table)
        for language in LANGUAGES:
            at = pa.array([n for n, row in enumerate(rows) if row.language == language], pa.int64())
            prompts = asked.take(at).to_pylist()
            found = offers(task.kinds, prompts, replies.take(at), language)
            for n, instruction, some in zip(at.to_pylist(), prompts, found, strict=True):
                if pick := _pick(task, rows[n], instruction, some):
                    picks.append(pick)
    return picks


def _pick(task: Task, row: Row, instruction: str, found: Iterable[Offer]) -> Pick | None:
    """Return the draw of one row, None where it has nothing to offer that is not common."""
    row_id, of, language = row
    draw = drawing(task.settings.seed, task.plan.name, row_id)
    rare = [
        (kind, arguments)
        for kind, arguments in found
        if of in kind.suits
        and not kind.mentioned(instruction, language)
        and task.shares.share((of, language), kind.check, arguments) <= task.plan.common
    ]
    some = chosen(rare, task.plan.most, draw)
    if not some:
        return None
    values = [kind.constraint(language, arguments).value() for kind, arguments in some]
    names = tuple(kind.name for kind, _ in some)
    text = prompt(instruction, some, language, draw)
    return Pick(draw("row"), row_id, of, language, names, text, canonical_json(values))


def selected(plan: Plan, picks: Iterable[Pick], shares: Shares) -> list[Pick]:
    """Return the rows of a plan in the order of their draw, no more than its shares of any task and any constraint."""
    found: list[Pick] = []
    taken: Counter[tuple[str, str]] = Counter()
    carried: Counter[str] = Counter()
    for one in sorted(picks):
        key = (one.task, one.language)
        if len(found) == plan.rows:
            break
        full = any(carried[name] >= plan.of_kind * plan.rows for name in one.kinds)
        if not full and taken[key] < plan.share * shares.rows[key]:
            taken[key] += 1
            carried.update(one.kinds)
            found.append(one)
    return found


@dataclass(frozen=True)
class Making:
    """One bucket of the parents, the picks among them, and where their children are spilled by bucket."""

    task: Task
    picks: Mapping[str, Pick]
    scratch: Path
    number: int
    buckets: int


def make_bucket(making: Making) -> int:
    """Write the children of one bucket of parents; return how many they are."""
    count = 0
    wanted = pa.array(sorted(making.picks), pa.string())
    with Spill(making.scratch, making.number, making.buckets) as spill:
        for table in each_batch(making.task.records, making.task.bucket):
            table = table.filter(pc.is_in(table["row_id"], value_set=wanted))
            if not len(table):
                continue
            rows = apply(table, making.task.patches).records.to_pylist()
            children = [child(making.task.plan, row, making.picks[row["row_id"]]) for row in rows]
            spill.write("children", [one["row_id"] for one in children], pa.Table.from_pylist(children, RECORDS))
            count += len(children)
    return count


def child(plan: Plan, parent: Mapping[str, Any], pick: Pick) -> dict[str, Any]:
    """Return the new row: its parent's reply, licence, split and family, another prompt."""
    row = dict(parent)
    asked, *rest = parent["messages"]
    about = {
        **json.loads(parent["metadata"]),
        "plan": plan.name,
        "method": plan.method,
        "roles": {parent["row_id"]: EVOLVED_FROM},
        CONSTRAINTS: json.loads(pick.constraints),
    }
    row |= {
        "row_id": f"{plan.name}:{digest(parent['row_id'])}",
        "source": plan.name,
        "origin": "augmented",
        "parents": [parent["row_id"]],
        "group": parent["row_id"],
        "messages": [{**asked, "content": pick.prompt}, *rest],
        "metadata": canonical_json(about),
    }
    row["content_hash"] = content_hash(
        **{name: row[name] for name in ("system", "context", "messages", "rejected", "tools")}
    )
    return row


def _measures(kinds: Iterable[Kind], language: str) -> list[str]:
    """Return the measures that the kinds of a language count by."""
    named = {kind.check.partition(" ")[2] for kind in kinds if language in kind.languages}
    return sorted(named & set(MEASURES))
