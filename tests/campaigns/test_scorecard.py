"""The scorecard names checks that exist, and calls nothing a pass that did not run."""

import ast
import importlib
from collections import Counter
from pathlib import Path

import pytest

from tests.campaigns.cases import CASES, Case
from tests.campaigns.scorecard import CAMPAIGNS, Result, counted, lines, of_tests, verdict
from tests.conftest import REPOSITORY


def functions(file: str) -> set[str]:
    tree = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_case_has_a_check_that_is_there_or_a_reason() -> None:
    assert [case.number for case in CASES] == list(range(1, 45))
    for case in CASES:
        assert case.checks or case.left_out, case.title
        for one in case.tests:
            file, _, name = one.partition("::")
            assert name in functions(file), one
        assert set(case.campaigns) <= CAMPAIGNS.keys()
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for name, campaign in CAMPAIGNS.items():
        assert f"\n{name}: setup" in makefile
        known = {
            flag
            for one in importlib.import_module(f"tests.campaigns.{campaign.module}").main.params
            for flag in one.opts
        }
        assert {argument.partition("=")[0] for argument in campaign.arguments} <= known


REPORT = """<testsuites><testsuite>
<testcase classname="tests.a.test_b" name="test_one[x]"/>
<testcase classname="tests.a.test_b" name="test_one[y]"><failure message="no"/></testcase>
<testcase classname="tests.a.test_b" name="test_two"><skipped/></testcase>
<testcase classname="tests.a.test_b" name="test_three"/>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("names", "held", "words"),
    [
        (["three"], True, "1 tests passed"),
        (["three", "two"], True, "1 tests passed, 1 skipped"),
        (["two"], False, "0 tests passed, 1 skipped"),
        (["one", "three"], False, "2 tests passed, 1 failed"),
        (["three", "four"], False, "1 tests passed, did not run: tests/a/test_b.py::test_four"),
    ],
)
def test_only_what_ran_and_passed_is_a_pass(tmp_path: Path, names: list[str], held: bool, words: str) -> None:
    (tmp_path / "report.xml").write_text(REPORT, encoding="utf-8")
    ids = [f"tests/a/test_b.py::test_{name}" for name in names]
    assert of_tests(ids, counted(tmp_path / "report.xml")) == Result(held, words)


def test_one_failed_campaign_fails_its_case_and_a_case_without_checks_is_none() -> None:
    cases = [Case(1, "a", ("t::a",), ("kill",)), Case(2, "b", left_out="not yet")]
    found = {"t::a": Counter({"passed": 1})}
    results = {case.number: verdict(case, found, {"kill": Result(False, "kills 8, wrong 1")}) for case in cases}
    assert results == {1: Result(False, "1 tests passed; kills 8, wrong 1"), 2: None}
    printed = "\n".join(lines(cases, results))
    assert "FAIL" in printed
    assert "not yet" in printed
    assert printed.endswith("2 cases: 1 FAIL, 1 does not apply")
