"""``make permutations``: one commit, one release, whatever the machine: 32 combinations, one digest.

Those of the second place also have Arrow do without the processor's vector instructions.
"""

import hashlib
import os
import random
import tempfile
import time
from itertools import product
from pathlib import Path

import click
import pyarrow.compute as pc

from tests.conftest import make_clone
from tests.test_pipeline import STAGES, digest, shuffle_raw_rows
from winnow.storage.parquet import read_table

WORKERS, SEEDS = ("1", "2", "3", "8"), ("0", "1")
PLACES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("UTC", "C.UTF-8", "022", {}),
    ("Asia/Shanghai", "C", "077", {"ARROW_USER_SIMD_LEVEL": "NONE"}),
)
COMBINATIONS = tuple(product(WORKERS, SEEDS, PLACES, (False, True)))


def rows_of_index(folder: Path) -> str:
    """Return a digest of the index's rows; units that were left out are named by their raw bytes, which writing the
    shuffled array anew changes.
    """
    table = read_table(folder / "data" / "index.parquet")
    rows = table.filter(pc.invert(pc.match_substring(table["row_id"], ":!"))).to_pylist()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@click.command()
@click.option("--sample", type=int, help="Build a seeded sample of this many combinations.")
def main(sample: int | None) -> None:
    """Build the demo release for every worker count, hash seed, place (time zone, locale, umask, vector instructions)
    and order of raw rows, each time in another folder, and compare the digests of the release and of the index's rows;
    exit status 0 means that all are one.
    """
    wanted = COMBINATIONS if sample is None else random.Random(1).sample(COMBINATIONS, sample)
    digests: dict[str, int] = {}
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="winnow-permutations-") as temporary:
        base = make_clone(Path(temporary) / "base")
        for number, (workers, seed, place, shuffled) in enumerate(wanted):
            zone, locale, mask, more = place
            clone = base.copy(Path(temporary) / f"folder {number}")
            if shuffled:
                shuffle_raw_rows(clone.folder / "data" / "raw" / "demo")
            settings = {"WINNOW_WORKERS": workers, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, **more}
            before = os.umask(int(mask, 8))
            try:
                for stage in STAGES[: STAGES.index("export") + 1]:
                    clone.run("python3", "-m", f"stages.{stage}", check=True, **settings)
            finally:
                os.umask(before)
            one = f"{digest(clone.folder / 'data' / 'export')} {rows_of_index(clone.folder)}"
            digests[one] = digests.get(one, 0) + 1
            click.echo(
                f"{number + 1:2} of {len(wanted)}: {one[:12]} {workers} workers, seed {seed}, {zone}, {locale}, {mask}"
            )
    click.echo(f"{len(wanted)} combinations, {len(digests)} digest(s) in {time.monotonic() - start:.0f} s")
    raise SystemExit(0 if len(digests) == 1 else 1)


if __name__ == "__main__":
    main()
