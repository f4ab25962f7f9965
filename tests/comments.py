"""The comments of ``params.yaml``, which people write by hand."""

import re

from tests.conftest import REPOSITORY


def comments(group: str) -> dict[str, str]:
    """Return the comment of each setting of a group, in the order of the file; lines that go on are joined."""
    text = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in text.split(f"\n{group}:\n")[1].split("\n\n")[0].splitlines():
        if match := re.match(r"  (\w+):[^#]*(?:# (.*))?$", line):
            setting = match[1]
            found[setting] = match[2] or ""
        elif match := re.match(r" {3,}# (.*)$", line):
            found[setting] += f" {match[1]}"
    return found
