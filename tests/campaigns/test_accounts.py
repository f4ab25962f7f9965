"""The accounts of ``make real``: right for a version that was built, and an error where anything is missing."""

from pathlib import Path
from typing import Any

import click
import pytest

from tests.campaigns.accounts import accounts, check
from tests.campaigns.real import left_aside, made_up_webgpt, table
from tests.sources.test_mutations import normalized
from winnow.harness.errors import UserError


def test_the_demo_adds_up_and_a_missing_unit_does_not(inside: Path) -> None:
    books = accounts()
    check(books, {one.adapter for one in books})
    assert sum(one.raw for one in books) == sum(one.used + one.skipped + one.quarantined for one in books) > 300
    assert "demo_oasst" in table(books)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"raw": books[0].raw + 1}, "do not add up"),
        ({"rows": books[0].rows - 1}, "are in and"),
        ({"released": 0}, "the release has 0"),
    ]
    for wrong, sentence in cases:
        with pytest.raises(UserError, match=sentence):
            check([books[0]._replace(**wrong), *books[1:]], [])
    with pytest.raises(UserError, match="no row of adapter kto"):
        check(books, ["alpaca", "kto"])


def test_a_file_that_no_source_uses_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "vicuna").mkdir()
    (tmp_path / "vicuna" / "x.jsonl").write_text("{}")
    (tmp_path / "README.md").write_text("")
    assert [count for _, count, _ in left_aside(tmp_path)] == [1, 1]
    (tmp_path / "new.jsonl").write_text("{}")
    with pytest.raises(click.ClickException, match=r"new\.jsonl is used by no source"):
        left_aside(tmp_path)


def test_the_made_up_comparisons_are_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(made_up_webgpt(), encoding="utf-8")
    tally, records, _ = normalized("webgpt", path)
    assert tally.units == tally.used == len(records)
