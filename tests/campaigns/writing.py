"""The commands that write, as campaigns run them in a clone of the demo."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.conftest import Clone
from winnow.harness.digests import file_md5

_ROW = {"instruction": "Say something.", "input": "", "output": "Something."}


@dataclass(frozen=True)
class Command:
    """A command that writes: its arguments, its share of the kills, what to do to a clone before it."""

    name: str
    arguments: tuple[str, ...]
    weight: int
    prepare: Callable[[Clone], object] = lambda clone: None
    steps: bool = False
    """Whether it has several steps that stand alone: states between the old and the new one are no fault."""


def row_id(clone: Clone) -> str:
    """Return the id of a row."""
    import pyarrow.parquet as pq

    return str(pq.read_table(clone.folder / "data/index.parquet", columns=["row_id"])["row_id"][0])


def commands(clone: Clone, url: str) -> list[Command]:
    """Return the commands that write; ``url`` is a file to download."""
    row, why = row_id(clone), ("--reason", "a test", "--author", "Test")
    about = ("--license", "MIT")

    def entry(one: Clone) -> None:
        text = f"sources:\n  theirs:\n    adapter: alpaca\n    path: theirs\n    license: MIT\n    url: {url}\n"
        one.params("sources:\n", text)

    def rows(one: Clone) -> None:
        for name in ("a", "b"):
            (one.folder / f".git/{name}.jsonl").write_text(f"{json.dumps(_ROW)}\n" * 5, encoding="utf-8")

    return [
        Command("patch", ("patch", row, "--drop", *why), 30),
        Command("takedown", ("takedown", "--text", "the", "--yes", *why), 30),
        Command("takedown --purge", ("takedown", "--text", "the", "--purge", "--yes", *why), 10),
        Command("add", ("add", "mine", ".git/a.jsonl", ".git/b.jsonl", *about), 30, rows),
        Command("add --url", ("add", "theirs", "--url", url, *about), 20),
        Command("remove", ("remove", "demo_oasst", "demo_dolly"), 30),
        Command("fetch", ("fetch", "theirs"), 20, entry, steps=True),
        Command("ask", ("ask", "--yes", "--concurrency", "4"), 10, steps=True),
        Command("release", ("release", "v1.0"), 10),
        Command("verify --fix", ("verify", "--fix"), 10, damage),
    ]


def damage(clone: Clone) -> None:
    """Leave what a killed run leaves, and damage an object of DVC's cache."""
    (clone.folder / "data/.tmp/filter-4194305/out").mkdir(parents=True)
    (clone.folder / ".dvc/tmp/rwlock").write_text('{"wri', encoding="utf-8")
    md5 = file_md5(clone.folder / "data/index.parquet")
    cached = clone.folder / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    cached.chmod(0o644)
    cached.write_bytes(b"x")
