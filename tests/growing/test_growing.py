"""A plan from seeds to accepted rows: counts by reason, parents, licences, stops, and what must not change."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.constraints.again import holds
from tests.growing.small import Project
from tests.growing.writer import Writer
from winnow.growing.asked import PROPOSE
from winnow.growing.plans import plans
from winnow.growing.proposing import Outcome, next_round, slots_of_next, stop
from winnow.growing.seeds import Candidate
from winnow.harness.errors import UserError
from winnow.patches.drops import dropped_by_hand
from winnow.patches.patch import Patch
from winnow.recipes.rounds import Shown, read_round, rounds
from winnow.storage.buckets import read_all

PLAN = {"recipe": "evol_instruct", "model": "m", "target": 20, "output_terms": "no-competing-models"}
METHODS = ("evol_instruct", "self_instruct", "complex_instruct")


def sums(project: Project) -> Counter[str]:
    """Return slots by outcome over all rounds."""
    state = project.rebuild()
    return sum((one.totals for one in state.accounts), Counter[str]())


@pytest.mark.parametrize("method", METHODS)
def test_a_plan_ends_with_exactly_its_target(folder: Path, method: str) -> None:
    project = Project({**PLAN, "recipe": method})
    state = project.grow(Writer(bad=0.3))
    assert (state.stop, len(project.accepted)) == ("target", 20)
    counts = sums(project)
    slots = sum(len(one.round.slots) for one in state.accounts)
    assert counts.total() == slots == project.tally.units  # rows and reasons: nothing is lost
    assert {"accepted", "unparsed"} <= set(counts)
    rows = project.rows()
    assert {row["origin"] for row in rows} == {"generated"}
    assert {row["metadata"]["output_terms"][0] for row in rows} == {"no-competing-models"}
    licences = {"MIT", "CC-BY-4.0", "CC-BY-4.0 AND MIT"}
    assert {row["license"] for row in rows} <= licences
    for row in rows:
        roles = row["metadata"]["roles"]
        assert set(roles) == set(row["parents"])
        role = "example" if method == "self_instruct" else "evolved_from"
        assert set(roles.values()) == {role}
        assert (row["group"] is not None) == (method != "self_instruct")
    if method == "self_instruct":
        assert {row["license"] for row in rows} == {"CC-BY-4.0 AND MIT"}  # eight rows shown, of both licences
        assert "no_item" in counts or counts["missing_field"]
    elif method == "evol_instruct":
        assert max(row["metadata"]["depth"] for row in rows) > 1  # an accepted row is rewritten again
        assert all(row["group"].startswith("seeds:") for row in rows)


def test_a_round_of_which_nothing_is_left_ends_the_plan_and_is_no_error(folder: Path) -> None:
    project = Project(PLAN)
    project.rebuild()
    while project.ask(lambda body: "1. A task."):
        project.rebuild()  # as after a kill: what came so far is all lost, and the rest waits
    state = project.rebuild()
    assert state.stop == "yield"
    assert sums(project) == {"unparsed": 20}


def test_orders_and_kills_change_no_byte_and_buy_nothing_twice(folder: Path, tmp_path_factory: Any) -> None:
    calm = Project(PLAN)
    calm.grow(Writer(bad=0.3))
    wanted = calm.bytes_of()
    other = tmp_path_factory.mktemp("killed")
    shutil.copytree(REPOSITORY / "data/recipes", other / "data/recipes")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(other)
        killed = Project(PLAN)
        killed.grow(Writer(bad=0.3), most=7)  # every run of the command ends after seven replies
        assert killed.bytes_of() == wanted
        assert killed.calls == calm.calls
        assert killed.ask(Writer()) == 0


def test_an_edited_recipe_and_a_moved_limit_change_no_old_row_and_buy_nothing(folder: Path) -> None:
    project = Project(PLAN)
    project.grow(Writer(bad=0.3))
    before, frozen = project.rows(), project.bytes_of()
    recipe = folder / "data/recipes/evol_instruct.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("Do not answer", "Never answer"), encoding="utf-8")
    project.novelty = 0.62
    project.rebuild()
    assert project.rows() == before
    assert project.bytes_of()["data/plans/more/0001.json"] == frozen["data/plans/more/0001.json"]
    assert [one.key for one in PROPOSE.open(project.params).of("none").pending()] == []
    project.novelty = 0.7
    assert project.rebuild().stop == "target"
    assert project.ask(Writer()) == 0


def test_a_frozen_round_that_was_edited_is_an_error(folder: Path) -> None:
    project = Project(PLAN)
    project.rebuild()
    project.ask(Writer(), 1)
    (round_,) = rounds("more", folder / "data/plans")
    file = Path(round_.file)
    assert read_round(file) == round_
    line = file.read_text(encoding="utf-8").splitlines()[round_.slots[3].line - 1]
    assert '"slot":3' in line
    file.write_text(file.read_text(encoding="utf-8").replace('"seed": 1', '"seed": 2'), encoding="utf-8")
    read_round(file)  # another seed is another round, which is whole
    file.write_text(file.read_text(encoding="utf-8").replace('"seed": 2', '"seed":  2'), encoding="utf-8")
    with pytest.raises(UserError, match="not as it was written"):
        read_round(file)
    file.rename(file.with_name("0002.json"))
    with pytest.raises(UserError, match=r"0001\.json is missing"):
        rounds("more", folder / "data/plans")


def test_a_patch_that_takes_a_parent_out_takes_its_children(folder: Path) -> None:
    project = Project(PLAN)
    project.grow(Writer())
    rows = project.rows()
    parent = next(row["parents"][0] for row in rows if row["parents"][0].startswith("seeds:"))
    children = {row["row_id"] for row in rows if row["group"] == parent}
    table = read_all(folder / "data/clean/records", 2)
    drops = dropped_by_hand(
        lambda: [table.select(["row_id", "source", "content_hash", "parents"])],
        [Patch(parent, "a", "asked for", drop="takedown")],
        {},
    )
    assert children <= set(drops)
    assert {drops[one].reason for one in children} == {"takedown"}


def test_slots_whose_rows_are_taken_out_are_never_asked(folder: Path) -> None:
    project = Project(PLAN)
    project.rebuild()
    project.ask(Writer(), 1)
    asked = next(one for one in PROPOSE.open(project.params).pending())
    round_ = rounds("more", folder / "data/plans")[0]
    assert asked.place is not None
    shown = round_.by_number[asked.place["slot"]].shown[0]
    project.dropped[shown] = "takedown"
    state = project.rebuild()
    assert asked.key not in {one.key for one in PROPOSE.open(project.params).pending()}
    assert state.accounts[0].totals["parent_gone"] >= 1


def test_rows_that_are_too_long_are_never_sent_and_hold_nothing_up(folder: Path) -> None:
    project = Project({**PLAN, "max_chars": 30})
    state = project.grow(Writer())
    totals = sums(project)
    assert totals["too_long"] > 0
    assert state.stop in ("target", "yield", "rounds")
    assert totals["pending"] == 0


def test_complex_rows_meet_their_constraints_and_every_fault_has_its_reason(folder: Path) -> None:
    project = Project({**PLAN, "recipe": "complex_instruct", "target": 40, "rounds": 9})
    project.grow(Writer(bad=0.6))
    counts = sums(project)
    assert {"accepted", "unmet_constraint", "wrong_step", "conflict", "missing_field", "unparsed"} <= set(counts)
    rows = {row["row_id"]: row for row in project.rows()}
    levels = Counter[int]()
    for row_id in project.accepted:
        row = rows[row_id]
        some, reply = row["metadata"]["constraints"], row["messages"][-1]
        assert all(holds(one["check"], one["language"], one["arguments"], reply["content"]) for one in some)
        assert reply["reasoning"].endswith("3 + 4 = 7")
        assert row["metadata"]["method"] == "complex_instruct"
        levels[len(some)] += 1
    assert set(levels) == {1, 2, 3, 4, 5}


def test_an_edited_constraint_changes_no_round_that_was_bought(folder: Path) -> None:
    project = Project({**PLAN, "recipe": "complex_instruct"})
    project.rebuild()
    while project.ask(Writer()):
        pass
    project.rebuild()
    before = project.bytes_of()
    file = folder / "data/constraints/includes.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("Use the word", "Write the word"), encoding="utf-8")
    (folder / "data/constraints/digits_no.yaml").unlink()
    recipe = folder / "data/recipes/complex_instruct.yaml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("    digits_no: {}\n", ""), encoding="utf-8")
    for other in (folder / "data/constraints").glob("*.yaml"):
        other.write_text(
            other.read_text(encoding="utf-8").replace(", digits_no", "").replace("digits_no, ", ""), encoding="utf-8"
        )
    project.rebuild()
    assert project.bytes_of() == before


def test_a_round_waits_for_a_verdict(folder: Path) -> None:
    project = Project(PLAN)
    project.rebuild()
    while project.ask(Writer()):
        pass
    project.rebuild()
    row = project.rows()[0]["row_id"]
    project.dropped[row] = "pending"  # as score drops a row whose verdict is not there yet
    state = project.rebuild()
    assert (state.next, state.stop, state.pending) == (None, None, 1)


@pytest.mark.parametrize(
    ("done", "why", "slots"),
    [
        ([], None, 20),
        ([Outcome(1, 20, 20, 0)], "target", 0),
        ([Outcome(1, 20, 1, 0)], "yield", None),
        ([Outcome(1, 20, 10, 0)], None, 20),
        ([Outcome(1, 20, 16, 0)], None, 5),
        ([Outcome(1, 20, 3, 0)], None, 34),  # at most twice what is missing
        ([Outcome(1, 24, 18, 0), Outcome(2, 4, 0, 0)], None, 4),  # one lost request is no yield
        ([Outcome(1, 24, 12, 0), Outcome(2, 20, 1, 0)], "yield", None),
        ([Outcome(n, 20, 3, 0) for n in range(1, 4)], "rounds", None),
    ],
)
def test_stops_and_sizes(done: list[Outcome], why: str | None, slots: int | None) -> None:
    (plan,) = plans({"more": {**PLAN, "rounds": 3}}, REPOSITORY / "data/recipes")
    assert stop(plan, done) == why
    if slots is not None and why is None:
        assert slots_of_next(plan, done) == slots


def test_a_round_follows_from_content_and_never_from_order() -> None:
    (plan,) = plans({"more": {**PLAN, "recipe": "self_instruct"}}, REPOSITORY / "data/recipes")
    some = [Candidate(f"s:{n}", "zh" if n % 4 == 0 else "en", 0, Shown("MIT")) for n in range(60)]
    one, other = (next_round(plan, 1, [], rows, []) for rows in (some, some[::-1]))
    assert one.text() == other.text()
    assert {slot.language for slot in one.slots} == {"en", "zh"}
    by_id = {row.row_id: row.language for row in some}
    assert all({by_id[row] for row in slot.shown} == {slot.language} for slot in one.slots)
    assert all(len(set(slot.shown)) == 8 for slot in one.slots)
    with pytest.raises(UserError, match="leaves no row"):
        next_round(plan, 1, [], some[:3], [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recipe": "none"}, "there are complex_instruct, evol_instruct, self_instruct"),
        ({"target": 0}, "target must be a whole number above 0"),
        ({"output_terms": "free"}, "output_terms must say"),
        ({"output_terms": []}, "output_terms must say"),
        ({"seed": 3}, "seed is no setting of a plan"),
        ({"extra": {"seed": 3}}, "without seed"),
        ({"yield_floor": 2}, "a share from 0 to 1"),
        ({"seeds": {"language": []}}, "a value or a list of values"),
    ],
)
def test_a_wrong_plan_is_one_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=r"^params\.yaml: propose\.plans") as error:
        plans({"more": {**PLAN, **change}}, REPOSITORY / "data/recipes")
    assert said in str(error.value)


def test_a_plan_needs_a_source_and_a_fact_that_exists(folder: Path) -> None:
    project = Project({**PLAN, "seeds": {"colour": "red"}})
    with pytest.raises(UserError, match="colour is no fact of a row"):
        project.rebuild()
