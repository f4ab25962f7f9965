"""``winnow grow`` where rows wait for verdicts: a judge is asked before the next round begins, within the same cap."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.growing.small import Project
from tests.growing.writer import Writer
from winnow.asking.budget import Budget
from winnow.cli import grow
from winnow.growing.asked import PROPOSE
from winnow.growing.stage import ROUNDS_HEADER, rounds_plot
from winnow.recipes.rounds import rounds
from winnow.replies.stage import PENDING

PLAN = {"recipe": "evol_instruct", "model": "m", "target": 10, "output_terms": "unrestricted"}


class Judged:
    """A project whose new rows wait for a verdict until ``judge`` is asked; ``most`` is how many a session judges."""

    def __init__(self, patch: pytest.MonkeyPatch, most: int) -> None:
        self.project, self.writer, self.most = Project(PLAN), Writer(bad=0.3), most
        self.verdicts, self.asked, self.budgets = set[str](), list[tuple[str, int]](), list[Budget]()
        self.refuses = ""
        patch.setattr(grow, "_repro", self.repro)
        patch.setattr(grow, "_others", lambda: ["judge"] if self.undecided else [])
        patch.setattr(grow, "_slots", lambda name: PROPOSE.open(self.project.params).of(name))
        patch.setattr(grow, "_ask", self.ask)

    @property
    def undecided(self) -> list[str]:
        return sorted({row["row_id"] for row in self.project.rows()} - self.verdicts)

    def repro(self, stage: str | None = None) -> None:
        self.project.rebuild()
        self.project.dropped = dict.fromkeys(self.undecided, PENDING)
        state = self.project.rebuild()
        grow.ROUNDS.parent.mkdir(parents=True, exist_ok=True)
        with grow.ROUNDS.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([ROUNDS_HEADER, *rounds_plot([state])])

    def ask(self, stage: str, budget: Budget, options: Any, plan: str | None = None) -> int:
        frozen = len(rounds("more", Path("data/plans")))
        self.budgets.append(budget)
        if stage == "judge":
            self.verdicts |= set(self.undecided[: self.most])
        else:
            assert not self.undecided or self.asked[-1] == ("propose", frozen), "a round began though rows wait"
            self.project.ask(self.writer)
        self.asked.append((stage, len(rounds("more", Path("data/plans")))))
        return int(stage == self.refuses)


def test_no_round_begins_before_all_rows_of_the_last_are_judged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged, budget = Judged(monkeypatch, most=4), Budget(None, None)
    assert grow._grow("more", budget, {}) is None
    assert len(judged.project.accepted) == 10
    stages = [stage for stage, _ in judged.asked]
    many = judged.asked[-1][1]
    assert many > 1
    for number in range(1, many + 1):
        mine = [stage for stage, at in judged.asked if at == number]
        assert mine == sorted(mine, reverse=True)  # propose until its steps are bought, then judge, then the next round
        assert "judge" in mine
    assert stages[-1] == "judge"
    assert all(one is budget for one in judged.budgets)  # one cap for both


def test_a_judge_that_cannot_go_on_ends_the_command_before_the_next_round(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = Judged(monkeypatch, most=4)
    judged.refuses = "judge"
    why = grow._grow("more", Budget(None, None), {})
    assert why is not None
    assert why.startswith("winnow ask judge did not end")
    assert judged.asked[-1] == ("judge", 1)
