"""YAML that was made to fill the memory is refused at once, in one sentence."""

import time
from pathlib import Path

import pytest

from winnow.harness.documents import parse_yaml, read_map
from winnow.harness.errors import UserError

LAUGHS = "a0: &a0 [lol, lol]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
KEYS = "a0: &a0 [lol]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)) + "? *a39\n: x\n"
LONG = f"a: &a {'x' * 10_000}\nb: [{', '.join(['*a'] * 1_000)}]\n"
ITSELF = "a: &a [*a]\n"


@pytest.mark.parametrize("text", [LAUGHS, KEYS, LONG, ITSELF], ids=["laughs", "keys", "long", "itself"])
def test_aliases_that_expand_are_refused_at_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    start = time.process_time()
    with pytest.raises(UserError, match=r"params.yaml is no YAML .*its aliases expand to far more than it holds"):
        read_map(path)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("nest", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(tmp_path: Path, nest: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("a:\n  " + nest * 5_000, encoding="utf-8")
    with pytest.raises(UserError, match=r"params.yaml is no YAML .*it is nested too deeply"):
        read_map(path)


def test_an_alias_that_saves_some_lines_is_read() -> None:
    assert parse_yaml("a: &a [1, 2]\nb: *a\nc: &c {x: 1}\nd: {<<: *c, y: 2}") == {
        "a": [1, 2],
        "b": [1, 2],
        "c": {"x": 1},
        "d": {"x": 1, "y": 2},
    }
