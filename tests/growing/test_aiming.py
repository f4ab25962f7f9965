"""A plan that aims: slots go to the cells of a grid of facts that have the fewest rows, and show rows close to them."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.conftest import REPOSITORY
from tests.growing.small import Project
from winnow.growing.aiming import Grid, cells
from winnow.growing.asked import PROPOSE
from winnow.growing.plans import plans
from winnow.growing.proposing import next_round
from winnow.growing.seeds import Candidate, Wheel
from winnow.harness.errors import UserError
from winnow.recipes.rounds import Shown, read_round

PLAN = {"recipe": "evol_instruct", "model": "m", "target": 12, "output_terms": "unrestricted"}
AIM = ["task", "domain"]


def row(number: int, task: str, domain: str) -> Candidate:
    return Candidate(f"s:{number}", "en", 0, Shown("MIT"), (task, domain))


def some() -> list[Candidate]:
    """Ten rows of questions on law, ten of code on law, ten of questions on food: none of code on food."""
    kinds = [("qa", "law"), ("code", "law"), ("qa", "food")]
    return [row(n, *kinds[n % 3]) for n in range(30)]


def test_slots_go_to_the_cells_with_the_fewest_rows_until_all_are_level() -> None:
    (plan,) = plans({"more": {**PLAN, "aim": AIM}}, REPOSITORY / "data/recipes")
    rows = some()
    there = [(one.language, one.cell) for one in rows]
    made, again = (next_round(plan, 1, [], order, [], there[::step]) for order, step in ((rows, 1), (rows[::-1], -1)))
    assert made.text() == again.text()
    aims = Counter((slot.aim["task"], slot.aim["domain"]) for slot in made.slots)
    assert aims[("code", "food")] >= 10  # the empty cell is filled up to the others, then each in turn
    assert aims.total() == 12
    by_id = {one.row_id: one.cell for one in rows}
    for slot in made.slots:
        (shown,) = slot.shown
        assert set(by_id[shown]) & set(slot.aim.values())  # of an empty cell the neighbours serve
    assert len({slot.shown for slot in made.slots}) > 8  # and take turns


def test_a_cell_is_shown_in_the_frozen_round_the_request_and_the_row(folder: Path) -> None:
    project = Project({**PLAN, "aim": ["source"]})
    project.rebuild()
    first = next(PROPOSE.open(project.params).pending())
    assert first.body["messages"][0]["content"].endswith(("kind: source = seeds.", "类别：source = seeds。"))
    project.ask(
        lambda body: '{"instruction": "Name two rivers of the far north and say which is longer.", "input": ""}'
    )
    round_ = read_round(folder / "data/plans/more/0001.json")
    assert {slot.aim["source"] for slot in round_.slots} == {"seeds"}
    later = [one.body["messages"][0]["content"] for one in PROPOSE.open(project.params).pending()]
    assert later
    assert not any("source = seeds" in text for text in later)


def test_few_seeds_stand_together_in_ever_new_ways() -> None:
    wheel = Wheel((row(n, "qa", "law") for n in range(20)), 8, 1, "seeds")
    shown = [frozenset(one.row_id for one in wheel.next(8)) for _ in range(50)]
    assert len(set(shown)) == 50
    assert {len(one) for one in shown} == {8}
    times = Counter(row_id for one in shown for row_id in one)
    assert max(times.values()) - min(times.values()) < 5  # each about as often as any other
    assert wheel.next(0) == []
    assert len(wheel.next(30, ["s:3"])) == 19


def test_without_an_aim_nothing_is_written_of_it() -> None:
    (plan,) = plans({"more": PLAN}, REPOSITORY / "data/recipes")
    assert '"aim"' not in next_round(plan, 1, [], some(), []).text()


def test_a_grid_knows_values_of_other_languages() -> None:
    rows = [("en", ("qa",)), ("en", ("qa",)), ("en", ("picture",)), ("zh", ("code",))]
    grid = Grid(rows, [("en", ("qa",)), ("zh", ("code",))], 1)  # no seed is of a picture
    assert [grid.next("en", 1)[0] for _ in range(3)].count("code") >= 2
    assert grid.next("zh", 4) == ("qa",)


@pytest.mark.parametrize("aim", ["task", ["language"], ["task", "task"], [1]])
def test_a_wrong_aim_is_one_sentence(aim: Any) -> None:
    with pytest.raises(UserError, match=r"^params\.yaml: propose\.plans\.more\.aim must be a list of facts"):
        plans({"more": {**PLAN, "aim": aim}}, REPOSITORY / "data/recipes")


@pytest.mark.parametrize("name", ["colour", "length"])
def test_an_aim_that_is_no_fact_or_a_measure_is_named(name: str) -> None:
    facts = pa.table({"row_id": ["a"], "length": [0.5], "task": ["qa"]})
    with pytest.raises(
        UserError, match=rf"plan\.aim names {name}, no fact of a row with few values; such are row_id, task"
    ):
        cells(facts, [name], "plan")
