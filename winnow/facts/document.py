"""``python -m winnow.facts.document > docs/facts.md``: the page of all facts, written from the code that has them."""

from collections.abc import Iterable, Sequence

import pyarrow as pa

from winnow.facts.explain import FACT_TABLES, explain
from winnow.facts.lexicon import load
from winnow.facts.subjects.flags import meanings

_HEAD = """# Facts

What is true of a row, whatever the thresholds. Facts are computed once on all clean rows; gates compare them with the
limits in `params.yaml`. `winnow why ROW_ID --explain` shows those of a row with these sentences. Where a fact has no
value, its column is empty.

`python -m winnow.facts.document > docs/facts.md` writes this page; [a new fact](add/fact.md) is one file.
"""
_GRAINS = {
    "annotate": "One row is one clean record. Tokens are mixed ones: a Latin word, or one Chinese character.",
    "neighbours/links": "One row is a link between two records.",
    "neighbours/sketches": "One row is a record that near links join with two others or more.",
    "overlaps": "One row is a record and a test item that it holds in part.",
    "judge/facts": "One row is a record and a criterion of a rubric.",
}
_TAGS = ("task", "domain", "difficulty", "form")


def page() -> str:
    """Return the page as Markdown."""
    parts = [_HEAD]
    for table, schema in FACT_TABLES.items():
        rows = ((f"`{field.name}`", _type(field.type), *explain(field.name, table)) for field in schema)
        parts.append(f"## data/{table}\n\n{_GRAINS[table]}\n")
        parts.append(_table(("fact", "type", "meaning", "unit", "source"), rows))
    parts.append("## Values of `flags`\n")
    parts.append(
        _table(("flag", "the row is flagged where"), ((f"`{name}`", text) for name, text in meanings().items()))
    )
    parts.append("## Values of the tags\n")
    labels = ((f"`{name}`", ", ".join(f"`{label}`" for label in load(name)["labels"])) for name in _TAGS)
    parts.append(_table(("tag", "values"), labels))
    return "\n".join(parts)


def _type(kind: pa.DataType) -> str:
    return f"list of {kind.value_type}" if pa.types.is_list(kind) else str(kind)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *(map(_cell, row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    print(page(), end="")
