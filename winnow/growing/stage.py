"""The work of the stage ``propose``: what became of each round, and the next round of each plan that goes on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import alive
from winnow.growing.aiming import cells
from winnow.growing.outcomes import ACCEPTED, Account, Fates, account, fates
from winnow.growing.plans import Plan, plans
from winnow.growing.proposing import next_round, stop
from winnow.growing.seeds import Candidate, Cell, eligible, inherited
from winnow.harness.errors import UserError
from winnow.ledger.ledger import Ledger
from winnow.recipes.recipe import EVOLVED_FROM
from winnow.recipes.rounds import Round, path_of, rounds
from winnow.recipes.slots import replies_of
from winnow.storage.buckets import positions, read_bucket

DEEPEST = 4
"""How often a row may be rewritten: WizardLM stops at four."""
SLOTS_HEADER = ["plan", "method", "round", "operator", "outcome", "slots"]
ROUNDS_HEADER = [
    *("plan", "method", "round", "model", "target", "slots", "replies", "parsed", "accepted", "waiting", "pending"),
    *("prompt_tokens", "completion_tokens", "state"),
]
OPEN, CLOSED, PROPOSED, WAITING = "open", "closed", "proposed", "waiting"
"""States of a round; one that waits has no seeds yet, because rows wait for verdicts. The last may say why it ends."""


class Tables(NamedTuple):
    """Where the stage reads: normalized and clean records, facts, decisions by gate, the ledger, plans and recipes."""

    normalized: Path
    records: Path
    facts: Path
    gates: Mapping[str, Path]
    ledger: Path
    plans: Path
    recipes: Path


class State(NamedTuple):
    """A plan: what became of its rounds, the next round where one is due, and why it ends where it does."""

    plan: Plan
    accounts: Sequence[Account]
    next: Round | None
    stop: str | None

    @property
    def pending(self) -> int:
        """Slots and rows that are undecided."""
        return sum(one.outcome.pending for one in self.accounts)


def propose(
    group: Mapping[str, Any], sources: Mapping[str, str], seed: int, buckets: int, tables: Tables, out: Path
) -> list[State]:
    """Return the state of each plan of ``group`` and write the rounds that are due to ``out``.

    ``sources`` has the source that reads each plan. Raises :class:`UserError` for a plan that no source reads.
    """
    out.mkdir(parents=True, exist_ok=True)
    listed = plans(group, tables.recipes)
    for plan in listed:
        if plan.name not in sources:
            raise UserError(
                f"params.yaml: no source reads the plan {plan.name}; add `{plan.name}: {{adapter: written, plan: "
                f"{plan.name}}}` below sources."
            )
    if not listed:
        return []
    replies = replies_of(Ledger.read(tables.ledger))
    found = fates(tables.records, tables.gates, sources, buckets)
    states = []
    for plan in listed:
        accounts = [account(one, replies, found, tables.normalized, buckets) for one in rounds(plan.name, tables.plans)]
        done = [one.outcome for one in accounts]
        due = not any(one.pending for one in done)
        ends = stop(plan, done) if due else None
        proposed = None
        if due and ends is None:
            seeds, pool, there = _candidates(plan, sources, accounts, found, buckets, tables)
            if len(seeds) >= plan.recipe.shows.rows or not found.waits:
                proposed = next_round(plan, seed, done, seeds, pool, there)
                file = path_of(plan.name, proposed.number, out)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(proposed.text(), encoding="utf-8")
        states.append(State(plan, accounts, proposed, ends))
    return states


def _candidates(
    plan: Plan, sources: Mapping[str, str], accounts: Sequence[Account], found: Fates, buckets: int, tables: Tables
) -> tuple[list[Candidate], list[Candidate], list[tuple[str, Cell]]]:
    """Return the seeds of a plan, its pool (accepted rows of its rounds), and of a plan that aims language and cell of
    every row that is alive.
    """
    accepted = {
        row_id: key.round
        for key, row_id in found.row_of.items()
        if key.plan == plan.name and found.by_slot[key] == ACCEPTED
    }
    mine = pa.array(sorted(accepted), pa.string())
    seeds: list[Candidate] = []
    pool: list[Candidate] = []
    alive_in: list[tuple[str, Cell]] = []
    where = f"params.yaml: propose.plans.{plan.name}"
    last = list(tables.gates.values())[-1]
    for bucket, living in enumerate(alive(last, buckets)):
        facts = read_bucket(tables.facts, bucket)
        there = eligible(facts, plan.seeds, sources.values(), where)
        facts = facts.append_column("seed", there).filter(pc.is_in(facts["row_id"], value_set=living))
        if plan.aim:
            alive_in += zip(facts["language"].to_pylist(), cells(facts, plan.aim, where), strict=True)
        facts = facts.filter(pc.or_(facts["seed"], pc.is_in(facts["row_id"], value_set=mine)))
        records = read_bucket(tables.records, bucket, ["row_id", "license", "group", "metadata"])
        records = records.take(pa.array(positions(facts["row_id"], records["row_id"])))
        spoken, its = facts["language"].to_pylist(), cells(facts, plan.aim, where)
        for row, language, cell in zip(records.to_pylist(), spoken, its, strict=True):
            row_id = row["row_id"]
            inherits = inherited(row["license"], row["group"], row["metadata"])
            one = Candidate(row_id, language, accepted.get(row_id, 0), inherits, cell)
            if language not in plan.recipe.languages:
                continue
            if row_id not in accepted:
                seeds.append(one)
            elif plan.recipe.shows.role != EVOLVED_FROM or inherits.depth < DEEPEST:
                pool.append(one)
    return seeds, pool, alive_in


def slots_plot(states: Sequence[State]) -> list[list[Any]]:
    """Return the lines of :data:`SLOTS_HEADER`: slots by plan, round, operator and outcome."""
    return [
        [state.plan.name, one.round.recipe.name, one.round.number, operator, outcome, count]
        for state in states
        for one in state.accounts
        for (operator, outcome), count in sorted(one.outcomes.items())
    ]


def rounds_plot(states: Sequence[State]) -> list[list[Any]]:
    """Return the lines of :data:`ROUNDS_HEADER`: one for each round, and one for a round that is due."""
    lines: list[list[Any]] = []
    for state in states:
        for one in state.accounts:
            last = one is state.accounts[-1]
            ends = state.stop if last and state.stop else CLOSED
            lines.append(_line(state.plan, one, OPEN if one.outcome.pending else ends))
        if state.next:
            lines.append(_line(state.plan, Account(state.next), PROPOSED))
        elif state.stop is None and not state.pending:
            head = [state.plan.name, state.plan.recipe.name, len(state.accounts) + 1, state.plan.model]
            lines.append([*head, state.plan.target, *(0,) * 8, WAITING])
    return lines


def _line(plan: Plan, one: Account, state: str) -> list[Any]:
    waiting = len(one.round.slots) if state == PROPOSED else one.waiting
    return [
        *(plan.name, one.round.recipe.name, one.round.number, one.round.model["model"], plan.target),
        *(len(one.round.slots), one.replies, one.parsed, one.totals[ACCEPTED], waiting, one.outcome.pending),
        *(one.prompt_tokens, one.completion_tokens, state),
    ]


def metrics(states: Sequence[State]) -> dict[str, Any]:
    """Return the headline numbers: slots, accepted and pending ones over all plans, rounds, plans that end."""
    accounts = [one for state in states for one in state.accounts]
    return {
        "plans": len(states),
        "ended": sum(state.stop is not None for state in states),
        "rounds": len(accounts),
        "slots": sum(len(one.round.slots) for one in accounts),
        "accepted": sum(one.totals[ACCEPTED] for one in accounts),
        "pending": sum(state.pending for state in states),
        "proposed": sum(len(state.next.slots) for state in states if state.next),
    }
