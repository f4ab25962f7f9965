"""Rooms get settings and folders as arguments: none reads ``params.yaml`` or a path that its stage did not declare."""

import ast
from collections.abc import Iterator

import pytest

from tests.conftest import REPOSITORY
from tests.test_dvc_yaml import STAGES, needed

ROOMS = REPOSITORY / "winnow"
OPEN = {"judging", "replies"}
"""Rooms that still read by themselves. A room that does no longer has to leave this list."""


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a module but for its docstrings and what is raised: those may name any path."""
    for child in ast.iter_child_nodes(tree):
        text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not text and not isinstance(child, ast.Raise):
            yield child
            yield from nodes(child)


def reads_by_itself(source: str) -> list[str]:
    """Return each place of a module that names ``read_params`` or a path of data or metrics, as line and text."""
    found = []
    for node in nodes(ast.parse(source)):
        name = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None)))
        path = node.value if isinstance(node, ast.Constant) else None
        if name == "read_params" or (isinstance(path, str) and path.startswith(("data/", "metrics/"))):
            found.append(f"line {getattr(node, 'lineno', 0)}: {name or path!r}")
    return found


def test_no_room_that_a_stage_imports_reads_by_itself() -> None:
    files = sorted(set().union(*(needed(REPOSITORY / "stages" / f"{stage}.py") for stage in STAGES)))
    rooms = [file for file in files if ROOMS in file.parents and file.parent != ROOMS / "harness"]
    assert len(rooms) > 100
    found = {file.relative_to(ROOMS): places for file in rooms if (places := reads_by_itself(file.read_text("utf-8")))}
    assert {file: places for file, places in found.items() if file.parts[0] not in OPEN} == {}
    assert {file.parts[0] for file in found} == OPEN


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("from winnow.harness.settings import read_params", 1),
        ("limit = settings.read_params()", 1),
        ("read_bucket('data/filter', 0)", 1),
        ("read_bucket(f'data/{gate}', 0)", 1),
        ("'''data/filter is read'''\nraise UserError(f'data/{gate} is damaged')", 0),
        ("def rows(folder):\n    '''data/x'''\n    return read_bucket(folder, 0)", 0),
    ],
)
def test_what_counts_as_reading_by_itself(source: str, places: int) -> None:
    assert len(reads_by_itself(source)) == places
