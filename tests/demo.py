"""The tests that need the demo release, in a repository whose sources are others: they are left out, and it is said."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
DEMO = {"demo_alpaca", "demo_dolly", "demo_messages", "demo_oasst"}
NEED_IT = ("tests/docs/", "tests/test_demo.py", "tests/test_pins.py")
"""Tests that need it without the fixture of a built clone: the pages show its rows, and its bytes are pinned."""
LEFT_OUT = "needs Winnow's demo sources, and this repository has others"


SOURCES = """\
sources:
  demo_alpaca:
    adapter: alpaca
    path: demo/alpaca
    license: CC0-1.0
  demo_dolly:
    adapter: dolly
    path: demo/dolly
    license: CC0-1.0
  demo_messages:
    adapter: messages
    path: demo/messages
    license: CC0-1.0
  demo_oasst:
    adapter: oasst
    path: demo/oasst
    license: CC0-1.0
"""
"""The entries of the demo sources, for tests of commands that change ``params.yaml``."""


def has_demo(root: Path = ROOT) -> bool:
    """Say whether the sources in ``params.yaml`` are the demo's: these and no others."""
    return (YAML(typ="safe").load(root / "params.yaml").get("sources") or {}).keys() == DEMO


def settings(root: Path = ROOT) -> str:
    """Return the text of ``params.yaml`` with the demo's sources, whatever sources this repository has."""
    text = (root / "params.yaml").read_text(encoding="utf-8")
    return re.sub(r"^sources:.*\n(?:  .*\n)*", lambda _: SOURCES, text, count=1, flags=re.MULTILINE)


def leave_out(items: list[pytest.Item]) -> None:
    """Mark those of ``items`` as skipped that need the demo release, where this repository does not have it."""
    if has_demo():
        return
    for item in items:
        if "built" in getattr(item, "fixturenames", ()) or item.nodeid.startswith(NEED_IT):
            item.add_marker(pytest.mark.skip(reason=LEFT_OUT))


def summary(skipped: int) -> str:
    """Return the sentence that says so after a run."""
    return (
        f"These are Winnow's own tests; {skipped} that need its demo sources were left out: params.yaml has others. "
        "make check-data checks what this repository builds."
    )
