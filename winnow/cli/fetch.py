"""``winnow fetch``: the files of sources that have a ``url``, outside the pipeline."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from winnow.harness.display import say, visible
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params

if TYPE_CHECKING:
    from winnow.fetching.connect import Network
    from winnow.fetching.source import Fetched
    from winnow.reading.remote import Remote


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--max-bytes", type=click.IntRange(1), help="Most bytes of one file; 4 GiB or the entry's max_bytes by default."
)
@click.option("--replace", is_flag=True, help="Also replace files that are there with other bytes.")
def main(names: tuple[str, ...], max_bytes: int | None, replace: bool) -> None:
    """Download the files of the sources NAMES, or of all that have a `url`, to data/raw.

    A file must have the `sha256` of its entry; where there is none, that of the first download is written there and
    every later one must equal it. A download that breaks off goes on where it stopped. Only addresses of the public
    internet are reached, by https; plain http only where the sha256 is known.

    \b
    winnow fetch
    winnow fetch alpaca dolly
    """
    from winnow.reading.entries import entries

    sources = read_params().get("sources") or {}
    for name in names:
        if name not in sources:
            raise UserError(f"there is no source {name}; params.yaml has {', '.join(sources) or 'none'}.")
    chosen = [entry for entry in entries(sources) if entry.name in names or not names] if sources else []
    for entry in chosen:
        if names and not entry.remotes:
            raise UserError(f"source {entry.name} has no url in params.yaml, so there is nothing to fetch it from.")
    if not any(entry.remotes for entry in chosen):
        say("No source in params.yaml has a url; there is nothing to fetch.")
    for entry in chosen:
        if entry.remotes:
            fetch_files(entry.name, entry.remotes, max_bytes or entry.max_bytes, replace=replace)


def fetch_files(
    name: str,
    remotes: "tuple[Remote, ...]",
    max_bytes: int | None,
    *,
    raw: Path = Path("data/raw"),
    replace: bool = False,
    pin: bool = True,
) -> list[str]:
    """Fetch the files of the source ``name`` to the folder ``raw``, say one line for each, and return their digests.

    ``pin``: whether digests that are new are written into ``params.yaml``: whenever half as many wait as are known, so
    that the time of 20,000 files does not grow with their square, and at the end, also after a failure. A file without
    a digest, which a kill can leave, is downloaded again and must be the same.
    """
    from winnow.adding.params import RAW, pin_source
    from winnow.fetching.download import CAP
    from winnow.fetching.source import fetch

    digests = [remote.sha256 for remote in remotes]
    known, waiting = sum(map(bool, digests)), 0
    cap, network = max_bytes or CAP, _network()

    def learn(number: int, digest: str) -> None:
        nonlocal known, waiting
        digests[number] = digest
        waiting += 1
        if pin and waiting > known // 2:
            pin_source(name, digests)
            known, waiting = known + waiting, 0

    try:
        for number, remote in enumerate(remotes):
            with _bar(visible(remote.place.name)) as progress:
                fetched = fetch(
                    remote,
                    raw,
                    cap=cap,
                    network=network,
                    progress=progress,
                    replace=replace,
                    pin=partial(learn, number),
                )
            say(_line(RAW / remote.place, fetched))
    finally:
        if pin and waiting:
            pin_source(name, digests)
    return [digest for digest in digests if digest]


def _line(place: Path, fetched: "Fetched") -> str:
    done = "fetched" if fetched.downloaded else "there already"
    which = "pinned at first use" if fetched.pinned else "as pinned"
    return f"{place}: {done}, {fetched.size:,} bytes, sha256 {fetched.sha256} ({which})"


def _network() -> "Network":
    """Return how to connect: as in the code. Only a caller in this process can hand over another one."""
    from winnow.fetching.connect import Network

    return click.get_current_context().find_object(Network) or Network()


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int | None], None]]:
    """Yield a function that draws a progress bar on a terminal, and draws nothing anywhere else."""
    from tqdm import tqdm

    with tqdm(desc=label, unit="B", unit_scale=True, disable=None, leave=False, file=sys.stderr) as bar:

        def draw(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield draw
