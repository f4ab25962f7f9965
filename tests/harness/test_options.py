"""Parameter types of scripts: what they take from the file and from the command line, and what they refuse."""

from typing import Any

import click
import pytest

from winnow.harness.options import LIMIT, LIST, MAP, ROWS, WORDS, RangeOrOff, options

OFF = RangeOrOff(0, 1)


@pytest.mark.parametrize(
    ("kind", "value", "converted"),
    [
        (LIST, ["a"], ["a"]),
        (LIST, '["a"]', ["a"]),
        (LIST, False, []),
        (MAP, "false", {}),
        (MAP, '{"a": 1}', {"a": 1}),
        (WORDS, "prompt", ["prompt"]),
        (WORDS, '["row", "response"]', ["row", "response"]),
        (ROWS, 5, 5),
        (ROWS, "5", 5),
        (ROWS, "null", None),
        (LIMIT, "20", 20),
        (LIMIT, False, False),
        (LIMIT, '{"zh": 5, "default": false}', {"zh": 5, "default": False}),
        (OFF, "off", 0.0),
        (OFF, False, 0.0),
        (OFF, "0.5", 0.5),
    ],
)
def test_a_value_is_taken(kind: Any, value: Any, converted: Any) -> None:
    assert kind.convert(value, None, None) == converted


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        (LIST, "a", "'a' is not a JSON list"),
        (MAP, [], r"\[\] is not a map"),
        (WORDS, "no word", "'no word' is not a JSON list"),
        (ROWS, 0, "0 is no whole number of rows above 0; null is no limit"),
        (ROWS, True, "True is no whole number"),
        (LIMIT, "lots", "'lots' is neither a number, false nor a map of languages"),
        (LIMIT, True, "True is neither a number nor false"),
        (LIMIT, float("nan"), "nan is neither a number nor false"),
        (LIMIT, {"zh": "5", "default": 1}, "'5' is neither a number nor false"),
        (LIMIT, {"zh": 5}, "a map of languages needs 'default'"),
        (OFF, 2, "2.* is not in the range"),
    ],
)
def test_a_value_is_refused_in_a_sentence(kind: Any, value: Any, sentence: str) -> None:
    with pytest.raises(click.BadParameter, match=sentence):
        kind.convert(value, None, None)


def test_null_has_a_meaning_for_settings_that_yaml_may_leave_empty() -> None:
    assert [kind.empty() for kind in (LIST, MAP, WORDS, ROWS)] == [[], {}, [], None]


def test_options_stand_in_their_order() -> None:
    @click.command()
    @options(click.option(f"--{name}") for name in "ba")
    def command(**_: str) -> None: ...

    assert [param.name for param in command.params] == ["b", "a"]
