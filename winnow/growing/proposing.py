"""The next round of a plan: how many slots, what each shows, and which of four reasons ends the plan."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from winnow.growing.constraints import drawn
from winnow.growing.plans import Plan
from winnow.growing.seeds import Candidate, Wheel, order_by
from winnow.harness.errors import UserError
from winnow.recipes.recipe import EVOLVED_FROM
from winnow.recipes.rounds import Round, Shown, Slot

TARGET, YIELD, ROUNDS = "target", "yield", "rounds"
"""Why a plan ends: enough rows, too few of the last round accepted, no round left. A budget is the command's."""


class Outcome(NamedTuple):
    """What became of a round: its slots, its accepted rows, and what is still undecided (``pending``)."""

    number: int
    slots: int
    accepted: int
    pending: int

    @property
    def share(self) -> float:
        """The yield: accepted rows of all slots."""
        return self.accepted / self.slots


def stop(plan: Plan, done: Sequence[Outcome]) -> str | None:
    """Return why a plan whose rounds are all decided ends, None where it goes on.

    ``accepted`` counts rows beyond the target too: they show what a round yields.
    """
    if sum(one.accepted for one in done) >= plan.target:
        return TARGET
    if done and done[-1].share < plan.yield_floor:
        return YIELD
    return ROUNDS if len(done) >= plan.rounds else None


def slots_of_next(plan: Plan, done: Sequence[Outcome]) -> int:
    """Return how many slots the next round has: the rows missing by the last yield, at most twice as many as missing.

    The number is rounded up to whole requests where a request serves several slots.
    """
    missing = plan.target - sum(one.accepted for one in done)
    by_yield = math.ceil(missing / done[-1].share) if done and done[-1].accepted else 2 * missing if done else missing
    items = plan.recipe.items
    return math.ceil(min(by_yield, 2 * missing) / items) * items


def next_round(
    plan: Plan, seed: int, done: Sequence[Outcome], seeds: Sequence[Candidate], pool: Sequence[Candidate]
) -> Round:
    """Return the next round: seeds and rows of the pool by a hash of seed, plan, round and id.

    All rows that a slot shows are of one language, which is that of its prompts. Raises :class:`UserError` where there
    are no seeds.
    """
    number, recipe = len(done) + 1, plan.recipe
    wanted = recipe.shows
    usable = _by_language(plan, seeds)
    if not usable:
        raise UserError(
            f"params.yaml: propose.plans.{plan.name}.seeds leaves no row that is alive and whose language has "
            f"{wanted.rows} of them; name other facts, or loosen the gates."
        )
    wheels = {of: Wheel(some, order_by(seed, plan.name, number, "seeds", of)) for of, some in usable.items()}
    pools = {
        of: Wheel([one for one in pool if one.language == of], order_by(seed, plan.name, number, "pool", of))
        for of in usable
    }
    used = Counter[str]()
    slots: list[Slot] = []
    rows: dict[str, Shown] = {}
    total = slots_of_next(plan, done)
    for lead in range(0, total, recipe.items):
        language = _next_language(usable, used)
        used[language] += 1
        many = wanted.pool if wanted.role != EVOLVED_FROM or _takes_pool(usable[language], pools[language], lead) else 0
        shown = pools[language].next(many)
        shown += wheels[language].next(wanted.rows - len(shown), [one.row_id for one in shown])
        shown = sorted(shown, key=order_by(seed, plan.name, number, lead))
        rows |= {one.row_id: one.inherits for one in shown}
        ids = tuple(one.row_id for one in shown)
        for item in range(recipe.items):
            operator = _operator(plan, seed, number, lead + item)
            asked = drawn(plan.kinds, recipe.asks, language, seed, plan.name, number, lead + item)
            slots.append(Slot(lead + item, language, operator, ids, lead, item, constraints=asked))
    kept = {row_id: rows[row_id] for row_id in sorted(rows)}
    return Round(plan.name, number, recipe, plan.asks, seed, plan.output_terms, kept, tuple(slots))


def _by_language(plan: Plan, seeds: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Return the seeds by language, of languages that have as many as a slot shows."""
    found: dict[str, list[Candidate]] = {}
    for one in seeds:
        found.setdefault(one.language, []).append(one)
    return {of: found[of] for of in sorted(found) if len(found[of]) >= plan.recipe.shows.rows}


def _next_language(usable: dict[str, list[Candidate]], used: Counter[str]) -> str:
    """Return the language that is furthest behind its share of the seeds."""
    return min(usable, key=lambda of: ((used[of] + 1) / len(usable[of]), of))


def _takes_pool(seeds: Sequence[Candidate], pool: Wheel, lead: int) -> bool:
    """Say whether a slot rewrites a row that was rewritten before: half of them do, where there are such rows."""
    return len(pool) > 0 and lead % 2 == 0


def _operator(plan: Plan, seed: int, number: int, slot: int) -> str | None:
    """Return the operator of a slot, by a hash of seed, plan, round and slot."""
    names = sorted(plan.recipe.operators)
    if not names:
        return None
    text = f"{seed}:{plan.name}:{number}:{slot}"
    return names[int(hashlib.blake2b(text.encode(), digest_size=8, person=b"operator").hexdigest(), 16) % len(names)]
