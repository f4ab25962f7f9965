"""``make permutations``: one commit, one release, whatever the machine: 32 combinations, one digest."""

import hashlib
import os
import tempfile
import time
from itertools import product
from pathlib import Path

import click
import pyarrow.compute as pc

from tests.conftest import make_clone
from tests.test_pipeline import STAGES, digest, shuffle_raw_rows
from winnow.storage.parquet import read_table

WORKERS, SEEDS, PLACES = ("1", "2", "3", "4"), ("0", "1"), (("UTC", "C.UTF-8", "022"), ("Asia/Shanghai", "C", "077"))


def rows_of_index(folder: Path) -> str:
    """Return a digest of the index's rows; units that were left out are named by their raw bytes, which writing the
    shuffled array anew changes.
    """
    table = read_table(folder / "data" / "index.parquet")
    rows = table.filter(pc.invert(pc.match_substring(table["row_id"], ":!"))).to_pylist()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@click.command()
def main() -> None:
    """Build the demo release for every worker count, hash seed, place (time zone, locale, umask) and order of raw rows,
    each time in another folder, and compare the digests of the release and of the index's rows; exit status 0 means
    that all are one.
    """
    digests: dict[str, int] = {}
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="winnow-permutations-") as temporary:
        base = make_clone(Path(temporary) / "base")
        for number, (workers, seed, place, shuffled) in enumerate(product(WORKERS, SEEDS, PLACES, (False, True))):
            zone, locale, mask = place
            clone = base.copy(Path(temporary) / f"folder {number}")
            if shuffled:
                shuffle_raw_rows(clone.folder / "data" / "raw" / "demo")
            settings = {"WINNOW_WORKERS": workers, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
            before = os.umask(int(mask, 8))
            try:
                for stage in STAGES[: STAGES.index("export") + 1]:
                    clone.run("python3", "-m", f"stages.{stage}", check=True, **settings)
            finally:
                os.umask(before)
            one = f"{digest(clone.folder / 'data' / 'export')} {rows_of_index(clone.folder)}"
            digests[one] = digests.get(one, 0) + 1
            click.echo(f"{number + 1:2} of 32: {one[:12]} {workers} workers, seed {seed}, {zone}, {locale}, {mask}")
    click.echo(f"{len(digests)} digest(s) in {time.monotonic() - start:.0f} s")
    raise SystemExit(0 if len(digests) == 1 else 1)


if __name__ == "__main__":
    main()
