"""Edits of params.yaml: one entry's lines change, every other byte stays."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from winnow.adding.params import add_source, pin_source, remove_sources

TEXT = """\
buckets: 16        # of every table
# The sources.
sources:   # all of them
    # written by us
    bees:   # a good one
        adapter: alpaca   # sniffed
        path:    bees
        url: [https://a.org/a.json, https://a.org/b.json]
        license: MIT
    # a comment above the next

    dogs: {adapter: alpaca, path: dogs, license: MIT, url: https://a.org/d.json}
    # theirs
    geese:
        adapter: table
        path: geese
        option: null      # nothing
        url:
            -   https://a.org/g.json

# Knobs, with values that other writers of YAML would write otherwise.
normalize:
  limit: null   # none
  list: [1,2,  3]
  text: 'quoted'
"""
NAMES = ["ants", "bees", "cats", "dogs", "elks", "geese", "wasps"]


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(TEXT, encoding="utf-8")
    return Path("params.yaml")


def loaded() -> dict[str, Any]:
    entry: dict[str, Any] = YAML(typ="safe").load(Path("params.yaml").read_text(encoding="utf-8"))
    return entry


@pytest.mark.parametrize("name", ["ants", "cats", "elks", "wasps"])
def test_what_is_added_can_be_removed_to_the_byte(params: Path, name: str) -> None:
    add_source(name, {"adapter": "alpaca", "url": ["https://a.org/x.json", "https://a.org/y.json"]})
    assert list(loaded()["sources"]) == sorted(["bees", "dogs", "geese", name])
    remove_sources([name])
    assert params.read_text(encoding="utf-8") == TEXT


def test_a_pin_is_one_line_more_below_the_url(params: Path) -> None:
    pin_source("bees", ["a" * 64, None])
    pinned = f"        sha256:\n        - {'a' * 64}\n        - unknown\n"
    assert params.read_text(encoding="utf-8") == TEXT.replace("b.json]\n", f"b.json]\n{pinned}")
    pin_source("bees", ["a" * 64, "b" * 64])
    assert params.read_text(encoding="utf-8") == TEXT.replace(
        "b.json]\n", f"b.json]\n{pinned.replace('unknown', 'b' * 64)}"
    )


def test_a_pin_of_the_last_key_of_the_last_source(params: Path) -> None:
    pin_source("geese", ["c" * 64])
    text = params.read_text(encoding="utf-8")
    assert text.replace(f"        sha256:\n        - {'c' * 64}\n", "") == TEXT


def test_a_pin_in_an_entry_in_braces(params: Path) -> None:
    before = loaded()
    pin_source("dogs", ["d" * 64])
    before["sources"]["dogs"]["sha256"] = "d" * 64
    assert loaded() == before
    assert "    # a comment above the next\n\n    dogs:\n" in params.read_text(encoding="utf-8")


def test_after_the_last_source_is_gone_the_file_is_as_before_but_for_them(params: Path) -> None:
    remove_sources(["bees", "dogs", "geese"])
    text = params.read_text(encoding="utf-8")
    start, end = TEXT.index("sources:"), TEXT.index("\n# Knobs")
    assert text == TEXT[:start] + "sources: {}\n" + TEXT[end:]
    add_source("mine", {"adapter": "alpaca"})
    assert text.replace("sources: {}\n", "sources:\n  mine:\n    adapter: alpaca\n") == params.read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("sources", ["", "sources:\n", "sources: null\n", "sources: {}\n", "sources: {a: {b: 1}}\n"])
def test_any_way_to_have_no_block_of_sources(params: Path, sources: str) -> None:
    params.write_text(f"seed: 1  # any\n{sources}\n# next\nlast: null  # none\n", encoding="utf-8")
    before = loaded()
    add_source("mine", {"adapter": "alpaca"})
    assert loaded() == {**before, "sources": {**(before.get("sources") or {}), "mine": {"adapter": "alpaca"}}}
    assert "\n# next\nlast: null  # none\n" in params.read_text(encoding="utf-8")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "pin"]), st.sampled_from(NAMES)), max_size=8))
def test_any_series_of_edits_gives_what_is_meant_and_keeps_the_rest(params: Path, edits: list[tuple[str, str]]) -> None:
    params.write_text(TEXT, encoding="utf-8")
    meant = loaded()
    for edit, name in edits:
        sources = meant["sources"]
        if edit == "add" and name not in sources:
            sources[name] = {"adapter": "alpaca", "path": name, "url": f"https://a.org/{name}.json"}
            add_source(name, sources[name])
        elif edit == "remove" and name in sources:
            del sources[name]
            remove_sources([name])
        elif edit == "pin" and name in sources:
            digests = ["e" * 64] * (len(sources[name]["url"]) if isinstance(sources[name]["url"], list) else 1)
            sources[name]["sha256"] = digests if isinstance(sources[name]["url"], list) else digests[0]
            pin_source(name, digests)
        assert loaded() == meant
    text = params.read_text(encoding="utf-8")
    assert text.startswith(TEXT[: TEXT.index("sources:")])
    assert text.endswith(TEXT[TEXT.index("\n# Knobs") :])
