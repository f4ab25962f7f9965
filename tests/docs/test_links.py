"""Links, paths and tables of the pages: they lead somewhere, and they name all that there is."""

import re
from pathlib import Path

import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY
from tests.docs.pages import PAGES, blocks, has_own_test, prose, read
from winnow.cli.main import COMMANDS
from winnow.reading.registry import adapters
from winnow.records.schema import DECISIONS, INDEX, RELEASE
from winnow.release.formats import FORMATS

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:\.ci|\.github|docs|stages|tests|winnow)/[\w./-]+)`")


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def first_column(page: str, heading: str) -> list[str]:
    """Return the names in the first column of the table below a heading, without their backquotes."""
    section = re.split(rf"^#+ {re.escape(heading)}$", read(page), flags=re.MULTILINE)[1]
    section = re.split(r"^#", section, flags=re.MULTILINE)[0]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in _LINK.findall(prose(read(page))):
        if "://" in link:
            assert link.startswith("https://")
            continue
        path, _, anchor = link.partition("#")
        target = (REPOSITORY / page).parent / path if path else REPOSITORY / page
        assert target.exists(), f"{page} links {link}"
        assert not anchor or anchor in anchors(target), f"{page} links {link}"


@pytest.mark.parametrize("page", [page for page in PAGES if not has_own_test(page)])
def test_paths_are_there(page: str) -> None:
    saved = {block.file for block in blocks(read(page))}
    for path in _PATH.findall(prose(read(page))):
        assert path in saved or (REPOSITORY / path).exists(), f"{page} names {path}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    linked = {(REPOSITORY / link).resolve() for link in _LINK.findall(read("README.md")) if "://" not in link}
    assert not {page for page in PAGES if (REPOSITORY / page).resolve() not in linked} - {"README.md"}


def test_the_readme_can_be_read_in_five_minutes() -> None:
    assert read("README.md").count("\n") <= 150


def test_every_stage_is_listed_in_order() -> None:
    stages = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert first_column("docs/how-it-works.md", "Stages") == list(stages)


def test_every_adapter_is_listed() -> None:
    assert sorted(first_column("docs/sources.md", "Adapters")) == sorted(adapters())
    assert f"one of {len(adapters())} formats" in read("README.md")


def test_every_format_is_listed() -> None:
    assert sorted(first_column("docs/data-format.md", "Formats")) == sorted(FORMATS)


@pytest.mark.parametrize(
    ("heading", "schema"), [("The record", RELEASE), ("Decisions", DECISIONS), ("The index", INDEX)]
)
def test_every_column_is_listed_in_order(heading: str, schema: pa.Schema) -> None:
    assert first_column("docs/data-format.md", heading) == schema.names


def test_every_command_and_make_target_is_listed() -> None:
    assert first_column("docs/commands.md", "Commands") == [f"winnow {name}" for name in COMMANDS]
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE)
    assert sorted(first_column("docs/commands.md", "Make targets")) == sorted(f"make {name}" for name in targets)


def test_every_room_is_listed() -> None:
    rooms = {folder.name for folder in (REPOSITORY / "winnow").iterdir() if (folder / "__init__.py").exists()}
    listed = [name.removeprefix("winnow/") for name in first_column("CONTRIBUTING.md", "Layout")]
    assert sorted(set(listed) - {"stages", "tests"}) == sorted(rooms)
