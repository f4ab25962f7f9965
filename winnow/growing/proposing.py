"""The next round of a plan: how many slots, what each shows, and which of four reasons ends the plan."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from winnow.growing.aiming import Grid, named
from winnow.growing.constraints import drawn
from winnow.growing.plans import Plan
from winnow.growing.seeds import Candidate, Cell, Wheel, order_by
from winnow.harness.errors import UserError
from winnow.recipes.recipe import EVOLVED_FROM
from winnow.recipes.rounds import Round, Shown, Slot

TARGET, YIELD, ROUNDS = "target", "yield", "rounds"
"""Why a plan ends: enough rows, too few of the last round accepted, no round left. A budget is the command's."""


_SAMPLE = 20  # slots of which the yield is taken
_REQUESTS = 4  # requests of a later round at least
_OTHERS = 8  # rows that take turns beside those of one slot, where a plan aims at a cell with few rows


class Outcome(NamedTuple):
    """What became of a round: its slots, its accepted rows, and what is still undecided (``pending``)."""

    number: int
    slots: int
    accepted: int
    pending: int


def _recent(done: Sequence[Outcome]) -> tuple[int, float]:
    """Return how many slots the last rounds had that have :data:`_SAMPLE` together, and their yield.

    The last round alone may be of one request, and says little.
    """
    slots = accepted = 0
    for one in reversed(done):
        slots, accepted = slots + one.slots, accepted + one.accepted
        if slots >= _SAMPLE:
            break
    return slots, accepted / max(slots, 1)


def stop(plan: Plan, done: Sequence[Outcome]) -> str | None:
    """Return why a plan whose rounds are all decided ends, None where it goes on.

    ``accepted`` counts rows beyond the target too: they show what a round yields. The yield ends no plan before it has
    been seen on :data:`_SAMPLE` slots.
    """
    slots, share = _recent(done)
    if sum(one.accepted for one in done) >= plan.target:
        return TARGET
    if slots >= _SAMPLE and share < plan.yield_floor:
        return YIELD
    return ROUNDS if len(done) >= plan.rounds else None


def slots_of_next(plan: Plan, done: Sequence[Outcome]) -> int:
    """Return how many slots the next round has: the rows missing by the recent yield, at most twice as many as missing.

    The number is rounded up to whole requests where a request serves several slots. Later rounds have
    :data:`_REQUESTS` or more: one lost request would else cost a round.
    """
    missing, items = plan.target - sum(one.accepted for one in done), plan.recipe.items
    if not done:
        return math.ceil(missing / items) * items
    _, share = _recent(done)
    slots = min(math.ceil(missing / share) if share else 2 * missing, 2 * missing)
    return max(math.ceil(slots / items), _REQUESTS) * items


def next_round(
    plan: Plan,
    seed: int,
    done: Sequence[Outcome],
    seeds: Sequence[Candidate],
    pool: Sequence[Candidate],
    rows_there: Iterable[tuple[str, Cell]] = (),
) -> Round:
    """Return the next round: seeds and rows of the pool by a hash of seed, plan, round and id.

    All rows that a slot shows are of one language, which is that of its prompts. A plan that aims gives each slot the
    cell of the grid that has the fewest rows, of ``rows_there`` (language and cell of each) and of slots before it, and
    shows rows that are close to it. Raises :class:`UserError` where there
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
    least = wanted.rows + _OTHERS
    wheels = {of: Wheel(some, least, seed, plan.name, number, "seeds", of) for of, some in usable.items()}
    pools = {
        of: Wheel([one for one in pool if one.language == of], least, seed, plan.name, number, "pool", of)
        for of in usable
    }
    grid = Grid(rows_there, ((one.language, one.cell) for one in seeds), seed, plan.name, number) if plan.aim else None
    used = Counter[str]()
    slots: list[Slot] = []
    rows: dict[str, Shown] = {}
    total = slots_of_next(plan, done)
    for lead in range(0, total, recipe.items):
        language = _next_language(usable, used)
        used[language] += 1
        many = wanted.pool if wanted.role != EVOLVED_FROM or _takes_pool(usable[language], pools[language], lead) else 0
        cell = grid.next(language, recipe.items) if grid else ()
        shown = pools[language].next(many, (), cell)
        shown += wheels[language].next(wanted.rows - len(shown), [one.row_id for one in shown], cell)
        shown = sorted(shown, key=order_by(seed, plan.name, number, lead))
        rows |= {one.row_id: one.inherits for one in shown}
        ids = tuple(one.row_id for one in shown)
        for item in range(recipe.items):
            operator = _operator(plan, seed, number, lead + item)
            aim = named(plan.aim, cell)
            asked = drawn(plan.kinds, recipe.asks, language, seed, plan.name, number, lead + item)
            slots.append(Slot(lead + item, language, operator, ids, lead, item, aim=aim, constraints=asked))
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
