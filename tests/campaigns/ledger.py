"""How long a ledger takes to open, what it holds, and how fast replies are found in it."""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply, to_line
from winnow.ledger.segment import write
from winnow.records.identity import digest

_SEGMENT = 100_000  # lines, about what one `winnow ask` of a large source buys
_LOOKED_UP = 100_000
_ENGLISH = [
    "the",
    "reply",
    "names",
    "each",
    "step",
    "in",
    "order",
    "but",
    '"forgets"',
    "units",
    "of",
    "a\nresult",
    "so",
]
_CHINESE = "回答列出了每一步但没有写明单位所以结果无法核对建议补充说明并给出依据\n“例如”第一第二"


def made_up(lines: int) -> Iterator[Reply]:
    """Yield replies of 300 characters, Chinese and English in turn."""
    draw = random.Random(lines)
    for number in range(lines):
        text = "".join(draw.choices(_CHINESE, k=300)) if number % 2 else " ".join(draw.choices(_ENGLISH, k=80))[:300]
        yield Reply(digest(str(number)), "ok", "made-up-model-2026-01-01", "stop", text, 300, 150)


def write_ledger(folder: Path, lines: int) -> None:
    """Write a ledger of so many lines in segments of 100,000."""
    segment: list[bytes] = []
    for reply in made_up(lines):
        segment.append(to_line(reply).encode())
        if len(segment) == _SEGMENT:
            write(folder, segment, folder.parent / "scratch")
            segment = []
    if segment:
        write(folder, segment, folder.parent / "scratch")


def cpu() -> float:
    """Return the CPU seconds of this process and of the workers that it has waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def measure(folder: Path) -> None:
    """Open a ledger and look up keys; print seconds and megabytes."""
    size = sum(path.stat().st_size for path in folder.glob("*.jsonl")) / 1e6
    start, used = time.perf_counter(), cpu()
    ledger = Ledger.read(folder)
    wall, used = time.perf_counter() - start, cpu() - used
    click.echo(f"opened {len(ledger):,} replies ({size:,.0f} MB): {wall:.2f} s, CPU {used:.2f} s")
    own, worker = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    table = ledger.table.nbytes / 1e6
    click.echo(f"peak memory {own:,.0f} MB, of the largest worker {worker:,.0f} MB; the table is {table:,.0f} MB")
    keys = [digest(str(number)) for number in range(_LOOKED_UP)]
    start = time.perf_counter()
    found = int((ledger.positions(keys) >= 0).sum())
    click.echo(f"looked up {len(keys):,} keys, of which {found:,} are there: {time.perf_counter() - start:.3f} s")


@click.command()
@click.argument("lines", default=1_000_000)
@click.option(
    "--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Measure this one instead."
)
def main(lines: int, folder: Path | None) -> None:
    """Measure how long a made-up ledger of LINES replies takes to open."""
    if folder:
        measure(folder)
        return
    with tempfile.TemporaryDirectory(prefix="winnow-ledger-") as temporary:
        folder = Path(temporary) / "ledger" / "judge"
        write_ledger(folder, lines)
        # in a process of its own, whose memory is the reader's alone
        subprocess.run([sys.executable, "-m", "tests.campaigns.ledger", "--folder", str(folder)], check=True)


if __name__ == "__main__":
    main()
