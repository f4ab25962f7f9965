"""The dataset card: a header that the hub accepts, and numbers that agree with the index."""

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from winnow.release.card import card, hub_license, size_category

WRITTEN = {("parquet", "train"): 2, ("parquet", "test"): 1, ("messages", "train"): 2, ("messages", "test"): 0}


def made(
    name: str = "demo",
    licenses: tuple[str, ...] = ("MIT",),
    written: dict[tuple[str, str], int] = WRITTEN,
    **entry: Any,
) -> str:
    rows: list[tuple[str | None, ...]] = [
        (f"s{n % len(licenses)}", licenses[n % len(licenses)], "in", None, None) for n in range(3)
    ]
    rows += [("s0", licenses[0], "out", "filter", "short_response"), ("s0", None, "out", "normalize", "no_json")]
    names = ["source", "license", "status", "stage", "reason"]
    columns = [pa.array(list(column), pa.string()) for column in zip(*rows, strict=True)]
    counts = Counter({(f, s): 0 for f in ("parquet", "messages") for s in ("train", "validation", "test")} | written)
    return card(name, pa.table(columns, names), {"zh": 2, "no": 1, "und": 1}, {"s0": entry}, counts)


def header(text: str) -> dict[str, Any]:
    start, head, _ = text.split("---\n", 2)
    assert start == ""
    found: dict[str, Any] = YAML(typ="safe").load(head)
    return found


def test_the_header() -> None:
    assert header(made()) == {
        "pretty_name": "demo",
        "license": "mit",
        "language": ["no", "zh"],
        "size_categories": ["n<1K"],
        "task_categories": ["text-generation"],
        "configs": [
            {
                "config_name": "messages",
                "default": True,
                "data_files": [{"split": "train", "path": "messages/train.jsonl"}],
            },
        ],
    }


@pytest.mark.parametrize(
    "name", ["v1: our #1 set", "[new]", "no", "123", "1.0", "~", '"it\'s"', "数据：集", "- a", "null"]
)
def test_any_name_is_text_in_the_header(name: str) -> None:
    assert header(made(name))["pretty_name"] == name


def test_parquet_is_a_config_where_no_format_is_json_lines() -> None:  # one loader reads all configs of a folder
    only = {("parquet", "train"): 2}
    assert [one["config_name"] for one in header(made(written=only))["configs"]] == ["parquet"]


def test_the_body_counts_what_came_in_and_what_went_out() -> None:
    text = made(license="MIT", url="https://example.org", origin="model")
    assert "3 conversations for instruction tuning, out of 5 rows" in text
    assert "| s0 | MIT | model | 3 | 2 | https://example.org |" in text
    assert "| filter | short_response | 1 |" in text
    assert "| `parquet/*.parquet` | 2 | 0 | 1 |" in text


def test_the_page_a_source_comes_from_and_whom_to_name() -> None:
    text = made(license="MIT", url=["https://a.org/x.json", "https://a.org/y.json"], attribution="Them, 2023")
    assert "| https://a.org/x.json, https://a.org/y.json |" in text
    assert "\nWhom to name:\n\n- s0: Them, 2023\n\n## Languages" in text
    assert "| https://a.org |" in made(license="MIT", url="https://a.org/x.json", homepage="https://a.org")
    assert "Whom to name" not in made(license="MIT")


@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        ({"CC-BY-SA-3.0"}, {"license": "cc-by-sa-3.0"}),
        ({"Apache-2.0"}, {"license": "apache-2.0"}),
        ({"GPL-3.0-only"}, {"license": "gpl-3.0"}),
        ({"ODC-By-1.0"}, {"license": "odc-by"}),
        (
            {"CC-BY-4.0", "MIT"},
            {"license": "other", "license_name": "mixed-cc-by-4.0-mit", "license_link": "README.md"},
        ),
        ({"Foo-2.0"}, {"license": "other", "license_name": "foo-2.0", "license_link": "README.md"}),
    ],
)
def test_licences_are_ids_that_the_hub_knows(licenses: set[str], expected: dict[str, str]) -> None:
    assert hub_license(licenses) == expected


def test_a_licence_of_its_own_goes_by_its_name() -> None:
    found = header(made(licenses=("other",), license="other", license_name="Our Terms v2"))
    assert (found["license"], found["license_name"]) == ("other", "our-terms-v2")


@pytest.mark.parametrize(
    ("rows", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (99_999, "10K<n<100K"), (10**9, "1B<n<10B"), (10**12, "n>1T")],
)
def test_size_categories(rows: int, name: str) -> None:
    assert size_category(rows) == name


@pytest.mark.parametrize("kind", ["public", "demo", None])
def test_test_sets_are_named_and_a_set_that_was_not_checked_says_so(kind: str | None) -> None:
    index = pa.table({name: ["s"] for name in ("source", "license", "status", "stage", "reason")})
    written = {("messages", split): 1 for split in ("train", "validation", "test")}
    line = {"title": "GSM8K", "license": "MIT", "items": "1319", "rows": "7", "dropped": "2", "kind": kind or ""}
    text = card("n", index, {"en": 1}, {}, written, {}, [line] if kind else [])
    assert ("| GSM8K | MIT | 1,319 | 7 | 2 |" in text) == bool(kind)
    assert ("No public test set was compared with the rows" in text) == (kind != "public")


def test_models_that_judged_are_named() -> None:
    index = pa.table({name: ["s"] for name in ("source", "license", "status", "stage", "reason")})
    written = {("messages", split): 1 for split in ("train", "validation", "test")}
    text = card("n", index, {"en": 1}, {}, written, {"small": 3, "gpt-x": 12_000})
    assert "## Judged by models\n\n- gpt-x: 12,000 replies\n- small: 3 replies\n" in text
    assert "Judged by models" not in card("n", index, {"en": 1}, {}, written)
