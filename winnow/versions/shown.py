"""A difference as lines for :func:`winnow.harness.display.say`, and as Markdown for a pull request."""

from collections.abc import Callable
from typing import Any

from winnow.harness.display import block, code, inline
from winnow.versions.compare import CHANGES
from winnow.versions.fields import marked

_TITLES = {
    "added": "added",
    "restored": "restored",
    "removed": "removed by a rule",
    "gone": "gone from the source",
    "edited": "edited",
    "moved": "moved to another split",
    "reweighted": "re-weighted",
    "replaced": "replaced upstream (same prompt, new key)",
    "unchanged": "unchanged",
}
_WIDTH = 160  # characters of a text that an example shows
_FIELDS = 6  # changed fields of a row that an example shows
_MOST = 12  # values of one breakdown


def as_lines(summary: dict[str, Any]) -> list[str]:
    """Return the summary of a difference for a terminal."""
    lines = [f"{summary['a']} -> {summary['b']}"]
    lines += [f"  {count:>9,}  {_TITLES[name]}" for name, count in summary["counts"].items() if count]
    for group, changes in summary["by"].items():
        for change, counts in changes.items():
            lines.append(f"  {_TITLES[change]}, by {group}: {_list(counts)}")
    for change in CHANGES:
        if examples := summary["examples"][change]:
            lines.append(f"  {_TITLES[change]}:")
            lines += [f"    {line}" for one in examples for line in _example(one)]
    if summary["replaced"]:
        lines.append(f"  {_TITLES['replaced']}:")
        lines += [f"    {old} -> {new}" for old, new in summary["replaced"]]
    return lines


def as_markdown(summary: dict[str, Any]) -> str:
    """Return the summary of a difference for a comment on a pull request: bounded, in a stable order."""
    lines = [f"### Rows: {code(summary['a'])} to {code(summary['b'])}", "", "| rows | change |", "|---:|---|"]
    lines += [f"| {count:,} | {_TITLES[name]} |" for name, count in summary["counts"].items() if count]
    for group, changes in summary["by"].items():
        if changes:
            lines += ["", f"| by {group} | rows |", "|---|---|"]
            lines += [f"| {_TITLES[change]} | {_list(counts, inline)} |" for change, counts in changes.items()]
    for change in CHANGES:
        if examples := summary["examples"][change]:
            lines += ["", f"<details><summary>{_TITLES[change]}: {_examples(len(examples))}</summary>", ""]
            lines += [block(_example(one)) for one in examples]
            lines += ["", "</details>"]
    if summary["replaced"]:
        lines += ["", f"{_TITLES['replaced']}:", ""]
        lines += [f"- {code(old)} → {code(new)}" for old, new in summary["replaced"]]
    return "\n".join(lines)


def _list(counts: dict[str, int], name_shown: Callable[[str], str] = str) -> str:
    shown = [f"{name_shown(name) or 'none'} {count:,}" for name, count in list(counts.items())[:_MOST]]
    rest = sum(list(counts.values())[_MOST:])
    return ", ".join([*shown, f"others {rest:,}"] if rest else shown)


def _examples(count: int) -> str:
    return "1 example" if count == 1 else f"{count:,} examples"


def _example(one: dict[str, Any]) -> list[str]:
    lines = [one["row_id"]]
    if "stage" in one:
        measured = f", value {one['value']:g}" if "value" in one else ""
        limit = f", limit {one['limit']:g}" if "limit" in one else ""
        other = f", by {one['other_row_id']}" if "other_row_id" in one else ""
        lines[0] += f": {one.get('reason', one['stage'])} at {one['stage']}{measured}{limit}{other}"
    if "reason_before" in one:
        lines[0] += f": was out for {one['reason_before']}"
    for name in ("split", "repeats"):
        if name in one:
            lines[0] += f": {name} {one[name][0]} -> {one[name][1]}"
    if "taken_down" in one:
        lines.append("  (taken down: its text is not shown)")
    if "text" in one:
        lines.append(f"  {_cut(one['text'])}")
    fields = list(one.get("fields", {}).items())
    for field, pieces in fields[:_FIELDS]:
        lines.append(f"  {field}: " + _cut(marked(pieces), 3 * _WIDTH))
    if len(fields) > _FIELDS:
        lines.append(f"  and {len(fields) - _FIELDS} more fields")
    return lines


def _cut(text: str, width: int = _WIDTH) -> str:
    return text if len(text) <= width else f"{text[:width]}…"
