"""Metrics and plot data: the same text for the same numbers, and nothing that DVC would misread."""

import json
from pathlib import Path

import numpy as np
import pytest

from winnow.harness.metrics import metrics_json, plot_csv, write_text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), np.float64("nan")])
def test_what_is_no_number_is_refused_by_name(number: float) -> None:
    with pytest.raises(ValueError, match=r"metrics\.a\.b"):
        metrics_json({"a": {"b": number}})


def test_a_dot_in_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'v1\.0'"):
        metrics_json({"source": {"v1.0": 1}})


@pytest.mark.parametrize("value", [None, [1, 2]])
def test_nulls_and_lists_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        metrics_json({"a": value})


def test_keys_are_sorted_and_floats_rounded() -> None:
    text = metrics_json({"b": 0.1 + 0.2, "a": {"z": 1, "中": True}})
    assert text == metrics_json({"a": {"中": True, "z": 1}, "b": 0.3})
    assert json.loads(text) == {"a": {"z": 1, "中": True}, "b": 0.3}
    assert text.endswith("}\n")


def test_plots_quote_what_needs_it() -> None:
    assert plot_csv(["a", "b"], [["x, y", 1 / 3], ["two\nlines", 2]]) == 'a,b\n"x, y",0.333333\n"two\nlines",2\n'


def test_text_is_utf8_with_plain_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "deep" / "one.txt", "中\n\r\n")
    assert (tmp_path / "deep" / "one.txt").read_bytes() == "中\n\r\n".encode()
