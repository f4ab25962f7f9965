"""Words that make a sign the subject of a row (winnow/cleaning/subjects.toml)."""

import re
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from winnow.cleaning.evidence import speaks_of

TABLES: dict[str, Any] = tomllib.loads((REPOSITORY / "winnow/cleaning/subjects.toml").read_text(encoding="utf-8"))
PATTERNS = [(literal, pattern) for table in TABLES.values() for literal, pattern in table["patterns"].items()]
RULES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((REPOSITORY / "winnow/cleaning").glob("*.py")))


@pytest.mark.parametrize("subject", TABLES)
def test_each_subject_is_asked_for_by_a_rule(subject: str) -> None:
    assert f'speaks_of("{subject}"' in RULES
    assert TABLES[subject].keys() == {"words", "patterns"}
    assert not speaks_of(subject, "write a short poem on the sea.")


@settings(max_examples=300, deadline=None)
@given(
    case=st.sampled_from(PATTERNS).flatmap(lambda one: st.tuples(st.just(one), st.from_regex(one[1], fullmatch=True)))
)
def test_every_match_of_a_pattern_holds_its_literal(case: tuple[tuple[str, str], str]) -> None:
    (literal, pattern), text = case
    assert literal in text, pattern


@pytest.mark.parametrize("pattern", [pattern for _, pattern in PATTERNS])
def test_patterns_are_of_small_letters(pattern: str) -> None:
    """Texts are in small letters when they are read."""
    assert not re.search(r"(?<!\\)[A-Z]", pattern)
