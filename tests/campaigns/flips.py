"""``make flips``: single flipped bits in the tables between stages; each must be refused or change nothing."""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from tests.conftest import make_clone
from winnow.cli.funnel import columns
from winnow.harness.errors import UserError
from winnow.storage.parquet import read_table


def tables(folder: Path) -> list[Path]:
    """Return the Parquet files below ``folder/data`` that hold what one stage hands to the next, or to people."""
    return sorted(file for file in (folder / "data").rglob("*.parquet") if ".tmp" not in file.parts)


def flip(data: bytes, bit: int) -> bytes:
    """Return ``data`` with one bit turned over.

    >>> flip(b"ab", 8)
    b'ac'
    """
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def outcome(file: Path, bit: int, scratch: Path) -> str:
    """Flip one bit of a copy of ``file`` and read it: ``refused``, ``equal`` or ``wrong``."""
    wanted = read_table(file)
    scratch.write_bytes(flip(file.read_bytes(), bit))
    try:
        table = read_table(scratch)
    except UserError:
        return "refused"
    return "equal" if table.equals(wanted) else "wrong"


def campaign(files: list[Path], flips: int, seed: int) -> Iterator[tuple[Path, int, str]]:
    """Yield (file, bit, outcome) for ``flips`` bits: a random file each, and a random bit of it."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="winnow-flips-") as folder:
        for _ in range(flips):
            file = draw.choice(files)
            bit = draw.randrange(file.stat().st_size * 8)
            yield file, bit, outcome(file, bit, Path(folder) / "flipped.parquet")


@click.command()
@click.option("--flips", default=1500, show_default=True, help="Bits to flip, one at a time.")
@click.option("--seed", default=1, show_default=True)
def main(flips: int, seed: int) -> None:
    """Build the demo release in a temporary clone and flip bits; exit status 1 where one read as other data."""
    with tempfile.TemporaryDirectory(prefix="winnow-flips-") as temporary:
        clone = make_clone(Path(temporary) / "clone")
        clone.run("dvc", "repro")
        files = tables(clone.folder)
        counts: Counter[tuple[str, str]] = Counter()
        for file, bit, ending in campaign(files, flips, seed):
            counts[file.relative_to(clone.folder / "data").parts[0], ending] += 1
            if ending == "wrong":
                click.echo(f"bit {bit} of {file.relative_to(clone.folder)} reads as other data")
    kinds = ("refused", "equal", "wrong")
    stages = sorted({stage for stage, _ in counts})
    rows = [[stage, *(counts[stage, kind] for kind in kinds)] for stage in stages]
    total = [sum(counts[stage, kind] for stage in stages) for kind in kinds]
    click.echo(columns(["table", *kinds], [*rows, ["all", *total]]))
    sys.exit(1 if total[2] else 0)


if __name__ == "__main__":
    main()
