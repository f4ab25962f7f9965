"""The changelog: one section a release, newest first, made from the rows that changed."""

import re
from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from winnow.harness.display import inline
from winnow.versions.lines import INDEX
from winnow.versions.outputs import Outputs

_HEAD = "# Changelog\n\nOne section a release; `winnow diff A B` shows the rows themselves.\n"


def extended(changelog: str, version: str, date: str, section: str) -> str:
    """Return ``changelog`` with the section of ``version`` at the top, in place of one that it has already.

    >>> print(extended("# Changelog\\n\\n## v1.0.0\\n\\nfirst\\n", "v1.1.0", "2023-03-13", "second"))
    # Changelog
    <BLANKLINE>
    ## v1.1.0 (2023-03-13)
    <BLANKLINE>
    second
    <BLANKLINE>
    ## v1.0.0
    <BLANKLINE>
    first
    <BLANKLINE>
    """
    kept = re.sub(rf"^## {re.escape(version)}(?!\S).*\n(?:(?!## ).*\n?)*", "", changelog or _HEAD, flags=re.MULTILINE)
    first = re.search(r"^## ", kept, re.MULTILINE)
    head, rest = (kept[: first.start()], kept[first.start() :]) if first else (kept, "")
    text = f"{head.rstrip()}\n\n## {version} ({date})\n\n{section.strip()}\n"
    return f"{text}\n{rest.strip()}\n" if rest else text


def first_section(version: Outputs) -> str:
    """Return what the first release holds, as Markdown: its rows by split and source."""
    index = version.table(INDEX, ["source", "status", "split"])
    inside = index.filter(pc.equal(index["status"], "in"))
    lines = [f"First release: {len(inside):,} rows, out of {len(index):,} rows and raw units seen."]
    for column in ("split", "source"):
        counts = {row["values"]: row["counts"] for row in pc.value_counts(inside[column]).to_pylist()}
        lines += ["", f"| {column} | rows |", "|---|---:|"]
        lines += [f"| {inline(name)} | {counts[name]:,} |" for name in sorted(counts)]
    return "\n".join(lines)


def section(summary: Mapping[str, Any], tag: str) -> str:
    """Return the summary of a difference as the section of the release that will be tagged ``tag``.

    No text of a row goes in: a changelog stays, and a row may have to be taken down.
    """
    from winnow.versions.shown import as_markdown

    nothing: dict[str, list[Any]] = {change: [] for change in summary["examples"]}
    return as_markdown({**summary, "b": tag, "replaced": [], "examples": nothing})
