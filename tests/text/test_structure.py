"""Evidence of code, mathematics, tables and lists, and prose that only looks like it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from winnow.text.structure import has_code, has_list, has_math, has_table, has_url, list_items

CODE = [
    "```python\nx\n```", "def add(a, b):\n    return a + b", "for (int i = 0; i < 3; i++) {\n}", "import numpy as np",
    "#include <stdio.h>", "SELECT name FROM users WHERE id = 1;", "console.log('hi')", "const x = 1;",
    "<div class='a'>x</div>", "public static void main(String[] args) {", "可以这样写：\nprint('你好')",
    "x => { return x }",
]  # fmt: skip
PROSE = [
    "For a while, let it be.", "Please select the best from the list.", "We import goods from China.", "类是一个概念。",
    "The class of 2020: a story.", "If (and only if) you agree, return it.", "I < 3 you; really.", "从前有座山。", "",
    "Return to sender.", "The function of the heart is to pump blood.",
]  # fmt: skip
MATH = [
    "2 + 3 = 5",
    "x = 2y + 1",
    r"\(a\)",
    r"\frac{1}{2}",
    "$$x$$",
    "The area is 5 m², √2",
    "面积 = 3 × 4 = 12",
    "$a_1$",
]
TABLES = ["|a|b|\n|---|---|\n|1|2|", "a | b\n--- | ---\n1 | 2", "x\ty\n1\t2", "Name   Age\nAnn    3\nBob    4"]
NO_TABLES = ["a | b", "p(a|b) = 1", "one\ttwo", "\tif x\n\treturn", "- a\n- b", "He   paused.", ""]


def alone(measure: Callable[[pa.Array], npt.NDArray[Any]], text: str) -> Any:
    """Return what ``measure`` gives for one text."""
    return measure(pa.array([text]))[0]


@pytest.mark.parametrize("text", CODE)
def test_code_is_seen(text: str) -> None:
    assert alone(has_code, text)


@pytest.mark.parametrize("text", [*PROSE, *MATH, *TABLES, "- a\n- b", "Costs: $5; tax: 10%."])
def test_prose_is_no_code(text: str) -> None:
    assert not alone(has_code, text)


@pytest.mark.parametrize("text", MATH)
def test_mathematics_is_seen(text: str) -> None:
    assert has_math(pa.array([text]), np.array([False]))[0]


@pytest.mark.parametrize("text", [*PROSE, "It costs $5, or $6.", "2020-2021", "and/or", "x = 1", "well-known - so"])
def test_prose_is_no_mathematics(text: str) -> None:
    assert not has_math(pa.array([text]), np.array([False]))[0]


def test_a_statement_of_code_is_no_equation() -> None:
    assert not has_math(pa.array(["total = total + x"]), np.array([True]))[0]


@pytest.mark.parametrize("text", TABLES)
def test_tables_are_seen(text: str) -> None:
    assert alone(has_table, text)


@pytest.mark.parametrize("text", [*NO_TABLES, *PROSE])
def test_what_is_no_table(text: str) -> None:
    assert not alone(has_table, text)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("- a\n* b\n+ c\n• d\n–e", 5), ("1. a\n2) b\n(3) c", 3), ("1.苹果\n2、梨\n（3）桃", 3), ("①甲\n②乙", 2),
        ("一、甲\n二、乙", 2), ("a) x\nB. y", 2), ("  - nested\n    - more", 2), ("-5\n+3\n1.5 kg\n3.14", 0),
        ("---\n***\n===", 0), ("**bold** text", 0), ("2020 was\nA day", 0), ("", 0),
    ],
)  # fmt: skip
def test_items_of_lists(text: str, items: int) -> None:
    assert alone(list_items, text) == items


def test_one_item_is_no_list_and_addresses_are_seen() -> None:
    assert has_list(np.array([0, 1, 2])).tolist() == [False, False, True]
    assert has_url(pa.array(["见https://a.cn/b", "HTTP://A.ORG", "e.g. this", "http://", ""])).tolist() == [
        True, True, False, False, False,
    ]  # fmt: skip
