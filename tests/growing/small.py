"""A project of a few rows in which a plan grows without DVC and without a connection: tables, ledger, plans."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.growing.writer import Writer, task
from winnow.candidates.facts import candidates_table, checked, written
from winnow.candidates.novel import alike
from winnow.facts.rows import facts
from winnow.facts.subject import Settings
from winnow.gates.accepting import accepted
from winnow.gates.decisions import Drop, decide
from winnow.gates.written import RULES
from winnow.growing.asked import PROPOSE
from winnow.growing.outcomes import gates_to_accept
from winnow.growing.stage import State, Tables, propose
from winnow.ledger.line import Reply, to_line
from winnow.ledger.segment import write
from winnow.reading.entries import entries
from winnow.reading.planned import plans_of
from winnow.reading.settle import BucketTask, settle
from winnow.reading.tally import Tally
from winnow.reading.window import Caps
from winnow.recipes.written import collect_written
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record
from winnow.records.schema import DECISIONS, RECORDS
from winnow.storage.buckets import read_all
from winnow.storage.tables import write_bucketed

BUCKETS = 2
SOURCES = {
    "seeds": {"adapter": "alpaca", "path": "x", "license": "MIT"},
    "more": {"adapter": "written", "plan": "more"},
}
FACTS = Settings(3.0, 0, seed=1)
LIMITS = {rule.name: rule.default for rule in RULES}


def seeds(count: int = 40) -> list[tuple[str, str, str, Record]]:
    """Return seed rows, half of them Chinese: id, licence, language, record."""
    lot, rows = random.Random(7), []
    for number in range(count):
        chinese = number % 2 == 1
        asked = task(lot, chinese)
        turns = [Message("user", asked), Message("assistant", "好的。" if chinese else "It is so.")]
        licence = "MIT" if number % 3 else "CC-BY-4.0"
        rows.append((f"seeds:{number:03d}", licence, "zh" if chinese else "en", Record(turns, (asked,))))
    return rows


def unmet(rows: pa.Table) -> dict[str, Drop]:
    """Return the drops of rows that miss a constraint, as the rule of ``filter`` decides by its fact."""
    found = facts(rows, FACTS)
    table = zip(found["row_id"].to_pylist(), found["constraints_met"].to_pylist(), strict=True)
    return {row_id: Drop("unmet_constraint", share, 1.0) for row_id, share in table if share is not None and share < 1}


class Project:
    """The project in the working directory."""

    def __init__(self, plan: Mapping[str, Any], rows: Sequence[Any] | None = None) -> None:
        self.folder, self.seeds = Path(), list(rows if rows is not None else seeds())
        self.params: dict[str, Any] = {
            "buckets": BUCKETS,
            "seed": 1,
            "sources": SOURCES,
            "propose": {"plans": {"more": dict(plan)}},
        }
        self.novelty, self.dropped, self.calls = 0.7, dict[str, str](), 0
        self.tally = Tally()
        for name in ("data/plans", "data/ledger/propose", "data/recipes"):
            Path(name).mkdir(parents=True, exist_ok=True)

    @property
    def plans(self) -> dict[str, Any]:
        """The group of plans."""
        group: dict[str, Any] = self.params["propose"]["plans"]
        return group

    def rebuild(self) -> State:
        """Do what `dvc repro propose` does for the plan, and return its state."""
        folder = self.folder
        scratch, places, left = folder / "scratch", folder / "places", folder / "data/normalize/left_out"
        entry = [one for one in entries(SOURCES) if one.plan]
        for old in scratch.rglob("*.arrow"):
            old.unlink()
        tallies = collect_written(
            entry, folder / "data/plans", folder / "data/ledger/propose", scratch, BUCKETS, Caps(1 << 24, 1 << 24)
        )
        self.tally = tallies["more"]
        self.tally.check("more")
        self.tally.check_rows("more")
        for bucket in range(BUCKETS):
            settle(BucketTask(bucket, scratch, folder / "made", places, left))
        made = read_all(folder / "made", BUCKETS)
        builder = RecordBuilder()
        for row_id, licence, _, record in self.seeds:
            builder.append(row_id, "seeds", licence, "human", record)
        rows = pa.concat_tables([builder.table().select(RECORDS.names), made.select(RECORDS.names)]).sort_by("row_id")
        for name in ("normalize/records", "clean/records"):
            write_bucketed(folder / "data" / name, rows, BUCKETS)
        self._facts(rows)
        return self._decide(rows)

    def _facts(self, rows: pa.Table) -> None:
        spoken = {row_id: language for row_id, _, language, _ in self.seeds}
        asked = [turns[0]["content"] for turns in rows["messages"].to_pylist()]
        chinese = [any("\u4e00" <= char <= "\u9fff" for char in text) for text in asked]
        ids = rows["row_id"].to_pylist()
        language = [spoken.get(i) or ("zh" if zh else "en") for i, zh in zip(ids, chinese, strict=True)]
        facts = {"row_id": rows["row_id"], "source": rows["source"], "language": pa.array(language)}
        write_bucketed(self.folder / "data/annotate", pa.table(facts), BUCKETS)

    def _decide(self, rows: pa.Table) -> State:
        folder, ids = self.folder, rows["row_id"].combine_chunks()
        by_hand = {i: Drop(self.dropped[i]) for i in ids.to_pylist() if i in self.dropped}
        living = ids
        records = folder / "data/clean/records"
        some = written(records, list(plans_of(SOURCES).values()), folder / "data/plans", BUCKETS)
        checks, pairs = checked(some, records, BUCKETS), alike(some, records, {}, BUCKETS, 0.6)
        targets = {name: plan["target"] for name, plan in self.plans.items()}
        for gate in gates_to_accept():
            drops = by_hand | unmet(rows) if gate == "filter" else {}
            if gate == "accept":
                drops = accepted(candidates_table(some), checks, pairs, [living], LIMITS, self.novelty, targets)
            at = {n: drops[i] for n, i in enumerate(living.to_pylist()) if i in drops}
            write_bucketed(folder / "data" / gate, decide(living, at).cast(DECISIONS), BUCKETS)
            living = living.filter(pa.array([i not in drops for i in living.to_pylist()], pa.bool_()))
        self.accepted = [i for i in living.to_pylist() if i.startswith("more:")]
        gates = {gate: folder / "data" / gate for gate in gates_to_accept()}
        plain = (folder / f"data/{name}" for name in ("ledger/propose", "plans", "recipes"))
        normalized = folder / "data/normalize/records"
        tables = Tables(normalized, records, folder / "data/annotate", gates, *plain)
        (state,) = propose(self.plans, plans_of(SOURCES), 1, BUCKETS, tables, folder / "data/propose")
        return state

    def ask(self, writer: Callable[[Mapping[str, Any]], str], most: int = 10**9, order: int = 0) -> int:
        """Buy up to ``most`` replies in an order of their own and return how many were bought."""
        slots = PROPOSE.open(self.params)
        requests = list(slots.pending())
        random.Random(order).shuffle(requests)
        lines: list[bytes] = []
        for one in requests[:most]:
            if not lines:
                slots.begin()
            text = writer(one.body)
            status = "cut" if text.startswith("{") and not text.endswith("}") else "ok"
            reply = Reply(one.key, status, one.body["model"], "stop", text, 100, 10).at(one.place)
            lines.append(to_line(reply).encode())
        if lines:
            write(self.folder / "data/ledger/propose", lines, self.folder / "scratch.seal")
        self.calls += len(lines)
        return len(lines)

    def grow(self, writer: Writer, most: int = 10**9) -> State:
        """Rebuild and ask until the plan ends."""
        state = self.rebuild()
        while state.stop is None:
            turn = 0
            while self.ask(writer, most, turn):
                turn += 1
            before, state = state, self.rebuild()
            assert turn or state != before, "nothing to ask, and nothing decided"
        return state

    def bytes_of(self) -> dict[str, bytes]:
        """Return what two ways to the same replies must agree on: the plans, the records, the decisions."""
        below = ("data/plans", "data/clean/records", "data/accept", "data/normalize/left_out")
        return {
            file.relative_to(self.folder).as_posix(): file.read_bytes()
            for name in below
            for file in sorted((self.folder / name).rglob("*"))
            if file.is_file()
        }

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows that a model wrote, with their metadata read."""
        rows = read_all(self.folder / "data/clean/records", BUCKETS).to_pylist()
        return [{**row, "metadata": json.loads(row["metadata"])} for row in rows if row["source"] == "more"]
