"""``make scorecard``: each of 44 cases of reliability is answered by a check that runs, in less than 25 minutes.

A case names tests (pytest's ids) and campaigns. Campaigns that take longer run at a smaller size, which the output
states; ``--full`` runs them at their own. A case that Winnow has nothing for yet says so, and one that it has a part
of says which part is left out.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import click

from tests.campaigns.cases import CASES, Case
from winnow.cli.funnel import columns

REPOSITORY = Path(__file__).resolve().parents[2]


class Campaign(NamedTuple):
    """A campaign: its module, the arguments of its smaller size, and in words what that size is."""

    module: str
    arguments: tuple[str, ...]
    size: str


CAMPAIGNS = {
    "kill": Campaign("kill", ("--kills=8",), "8 of 100 kills"),
    "kill-commands": Campaign("kill_commands", ("--kills=18",), "18 of 200 kills"),
    "limits": Campaign("limits", ("--runs=40",), "40 of 370 runs"),
    "flips": Campaign("flips", (), "1,500 flips"),
    "permutations": Campaign("permutations", ("--sample=4",), "4 of 32 combinations"),
    "ask": Campaign("ask", (), "12 kills, 3 of 10 attempts fail"),
}
_FUZZ = {"small": "150", "full": "7200"}
"""Mutated files for each adapter; the full size makes 100,000 of 14 adapters."""


class Result(NamedTuple):
    """Whether a check held, and what it found in a few words."""

    held: bool
    figure: str


def base(test: ElementTree.Element) -> str:
    """Return the id of a test of pytest's report without its parameters, as a case names it."""
    return f"{test.get('classname', '').replace('.', '/')}.py::{str(test.get('name')).partition('[')[0]}"


def counted(report: Path) -> dict[str, Counter[str]]:
    """Return how often each test ended as ``passed``, ``failed`` or ``skipped``, by its id without parameters."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for test in ElementTree.parse(report).iter("testcase"):
        tags = {child.tag for child in test}
        ending = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
        found[base(test)][ending] += 1
    return dict(found)


def of_tests(ids: Iterable[str], found: Mapping[str, Counter[str]]) -> Result:
    """Return the result of some tests: all must have run and passed, but those skipped where others of a case ran."""
    total, missing = Counter[str](), []
    for one in ids:
        total += found.get(one, Counter())
        if one not in found:
            missing.append(one)
    words = [f"{total['passed']} tests passed"]
    words += [f"{count} {name}" for name in ("failed", "skipped") if (count := total[name])]
    words += [f"did not run: {', '.join(missing)}"] * bool(missing)
    return Result(bool(total["passed"]) and not total["failed"] and not missing, ", ".join(words))


def figure(output: str) -> str:
    """Return the last row of the table that a campaign prints, with the names of its columns; else its last line.

    >>> figure("noise\\nlimit  runs  wrong\\nfiles     9      0\\nall      12      1\\n")
    'runs 12, wrong 1'
    """
    lines = [line for line in output.splitlines() if line.strip()]
    cells = [re.split(r"\s{2,}", line.strip()) for line in lines]
    last = next((row for row in reversed(cells) if row[0] == "all"), None)
    head = next((row for row in cells if last and len(row) == len(last)), None)
    if last and head:
        return ", ".join(f"{name} {value}" for name, value in zip(head[1:], last[1:], strict=True))
    return lines[-1].strip() if lines else "no output"


def run_tests(ids: Sequence[str], folder: Path, jobs: int, fuzz: str) -> dict[str, Counter[str]]:
    """Run tests in one pytest, so that they share the built demo, and return how they ended."""
    report = folder / "tests.xml"
    command = [sys.executable, "-m", "pytest", "-n", str(jobs), "--dist", "loadfile", f"--junitxml={report}", *ids]
    done = subprocess.run(command, cwd=REPOSITORY, env={**os.environ, "WINNOW_FUZZ": fuzz}, check=False)
    if not report.exists():
        raise SystemExit(f"pytest ended with status {done.returncode} and no report")
    return counted(report)


def run_campaign(name: str, *, full: bool) -> Result:
    """Run a campaign; what it prints is shown and its last row is the figure."""
    campaign = CAMPAIGNS[name]
    arguments = () if full else campaign.arguments
    command = [sys.executable, "-m", f"tests.campaigns.{campaign.module}", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False)
    click.echo(done.stdout)
    size = "full size" if full else campaign.size
    return Result(done.returncode == 0, f"make {name} ({size}): {figure(done.stdout)}")


def verdict(case: Case, found: Mapping[str, Counter[str]], campaigns: Mapping[str, Result]) -> Result | None:
    """Return the result of a case; ``None`` where there is nothing to check yet."""
    if not case.checks:
        return None
    results = [campaigns[name] for name in case.campaigns]
    if case.tests:
        results.insert(0, of_tests(case.tests, found))
    return Result(all(one.held for one in results), "; ".join(one.figure for one in results))


def lines(cases: Sequence[Case], results: Mapping[int, Result | None]) -> list[str]:
    """Return one line for each case, then the sums."""
    rows = []
    for case in cases:
        result = results[case.number]
        ending = "does not apply" if result is None else "pass" if result.held else "FAIL"
        left_out = f"; left out: {case.left_out}" if case.checks and case.left_out else ""
        rows.append([str(case.number), ending, case.title, (result.figure if result else case.left_out) + left_out])
    counts = Counter(row[1] for row in rows)
    sums = ", ".join(f"{counts[name]} {name}" for name in ("pass", "FAIL", "does not apply") if counts[name])
    return [columns(["case", "result", "what", "checked by"], rows), "", f"{len(rows)} cases: {sums}"]


@click.command()
@click.option("--full", is_flag=True, help="Run the campaigns and the fuzzing at their full size (three hours).")
@click.option("--only", type=int, multiple=True, help="Number of a case; may be repeated.")
@click.option("--jobs", default=2, show_default=True, help="Processes that run tests.")
def main(full: bool, only: tuple[int, ...], jobs: int) -> None:
    """Check every case and print one line for each; exit status 1 where one that applies fails."""
    cases = [case for case in CASES if not only or case.number in only]
    ids = sorted({one for case in cases for one in case.tests})
    names = sorted({name for case in cases for name in case.campaigns})
    with tempfile.TemporaryDirectory(prefix="winnow-scorecard-") as temporary:
        found = run_tests(ids, Path(temporary), jobs, _FUZZ["full" if full else "small"]) if ids else {}
    campaigns = {name: run_campaign(name, full=full) for name in names}
    results = {case.number: verdict(case, found, campaigns) for case in cases}
    click.echo("\n".join(lines(cases, results)))
    sys.exit(any(result is not None and not result.held for result in results.values()))


if __name__ == "__main__":
    main()
