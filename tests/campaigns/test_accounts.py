"""The books that ``make real`` keeps: right for a version that was built, and an error where anything is missing."""

from pathlib import Path

import click
import pytest

from tests.campaigns.accounts import accounts, check
from tests.campaigns.real import left_aside, made_up_webgpt, table
from tests.sources.test_mutations import normalized
from winnow.harness.errors import UserError


def test_the_demo_adds_up_and_a_missing_unit_does_not(inside):
    found = accounts()
    check(found, {one.adapter for one in found})
    assert sum(one.raw for one in found) == sum(one.used + one.skipped + one.quarantined for one in found) > 300
    assert "demo_oasst" in table(found)
    for wrong, sentence in (
        ({"raw": found[0].raw + 1}, "do not add up"),
        ({"rows": found[0].rows - 1}, "are in and"),
        ({"released": 0}, "the release has 0"),
    ):
        with pytest.raises(UserError, match=sentence):
            check([found[0]._replace(**wrong), *found[1:]], [])
    with pytest.raises(UserError, match="no row of adapter kto"):
        check(found, ["alpaca", "kto"])


def test_a_file_that_no_source_uses_is_an_error(tmp_path: Path):
    (tmp_path / "vicuna").mkdir()
    (tmp_path / "vicuna" / "x.jsonl").write_text("{}")
    (tmp_path / "README.md").write_text("")
    assert [count for _, count, _ in left_aside(tmp_path)] == [1, 1]
    (tmp_path / "new.jsonl").write_text("{}")
    with pytest.raises(click.ClickException, match=r"new\.jsonl is used by no source"):
        left_aside(tmp_path)


def test_the_made_up_comparisons_are_read_whole(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    path.write_text(made_up_webgpt(), encoding="utf-8")
    tally, records, _ = normalized("webgpt", path)
    assert tally.units == tally.used == len(records)
