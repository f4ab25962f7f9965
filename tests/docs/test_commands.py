"""Every command that the pages show works, in a built clone, and prints what the pages say that it prints."""

import subprocess
import sys
from pathlib import Path

import pytest

from docs.pictures import IMAGES, session, svg, wrapped
from tests.conftest import Clone
from tests.docs.pages import PAGES, VENV_PATH, blocks, has_own_test, outputs_shown, read, run, run_page, same
from tests.docs.readme import DATASET, README, run_readme
from tests.fresh import check_data

RUN_HERE = [
    page
    for page in PAGES
    if page != README
    and not has_own_test(page)
    and any(block.language in ("sh", "console") or block.file for block in blocks(read(page)))
]


def check_outputs(page: str, printed: list[str]) -> None:
    for one, output in zip(outputs_shown(read(page)), printed, strict=True):
        assert same(one.shown, output), f"{page}: `{one.command}` prints\n{output}\nRun make pictures."


def test_the_readme(built: Clone, tmp_path: Path) -> None:
    printed = run_readme(built, tmp_path)
    check_outputs(README, printed)
    dataset = tmp_path / DATASET
    assert "2 conversations" in (dataset / "data" / "export" / "README.md").read_text(encoding="utf-8")
    # and its commit is one that CI takes, with the storage of the page on working together
    storage = blocks(read("docs/working-together.md").split("## A storage for the data")[1])
    run(next(block.text for block in storage if block.language == "sh"), tmp_path, dataset, PATH=VENV_PATH)
    status, printed_by_ci = check_data(dataset)
    assert (status, printed_by_ci.splitlines()[-1][:20]) == (0, "This commit is whole"), printed_by_ci[-3000:]
    assert "Running stage" not in printed_by_ci  # all of it came from the storage
    programs = [block.text for block in blocks(read(README)) if block.language == "python"]
    assert programs
    for program in programs:
        shown = subprocess.run([sys.executable, "-c", program], cwd=dataset, capture_output=True, text=True, check=True)
        assert "mine" in shown.stdout


LONG = {"docs/working-together.md"}  # a minute: it builds three clones and merges two branches
RUN = [pytest.param(page, marks=pytest.mark.slow) if page in LONG else page for page in RUN_HERE]


@pytest.mark.parametrize("page", RUN)
def test_a_page(built: Clone, page: str, tmp_path: Path) -> None:
    clone = built.copy(tmp_path / "clone")
    check_outputs(page, run_page(read(page), clone.folder, tmp_path / "home", str(built.folder)))


def test_the_terminal_picture_shows_what_its_commands_print(built: Clone) -> None:
    shown = (IMAGES / "terminal.svg").read_text(encoding="utf-8")
    assert shown == svg(session(built)), "run make pictures"
    assert shown.count('class="command"') == 4


def test_a_terminal_breaks_long_lines_and_shows_chinese_characters_two_columns_wide() -> None:
    assert wrapped("abcd", 3) == ["abc", "d"]
    assert wrapped("中文", 3) == ["中", "文"]


def test_pictures_are_small() -> None:
    pictures = [file for file in IMAGES.iterdir() if file.suffix in (".png", ".svg")]
    assert {picture.name for picture in pictures} == {"report.png", "terminal.svg"}
    assert all(0 < picture.stat().st_size < 300_000 for picture in pictures)
