"""``winnow remove``: undo ``winnow add``."""

from pathlib import Path

import click

from winnow.harness.display import say
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params


@click.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--keep-files", is_flag=True, help="Leave the raw files where they are.")
def main(names: tuple[str, ...], keep_files: bool) -> None:
    """Take the sources NAMES out of params.yaml and delete their raw files that no other source reads.

    \b
    winnow remove demo_alpaca demo_dolly demo_messages demo_oasst
    """
    from winnow.adding.params import RAW, remove_sources
    from winnow.fetching.source import forget, withdraw

    sources = read_params().get("sources") or {}
    for name in names:
        if name not in sources:
            raise UserError(f"there is no source {name}; params.yaml has {', '.join(sources) or 'none'}.")
    # rows that models write have no files; their plans and replies stay, and other plans may have been fed by them
    others = {Path(entry["path"]) for name, entry in sources.items() if name not in names and "path" in entry}
    paths = [Path(sources[name]["path"]) for name in names if "path" in sources[name]]
    for path in paths:
        if path.is_absolute() or ".." in path.parts:
            raise UserError(f"the path {path} lies outside {RAW}; nothing was removed.")
    kept = [path for path in paths if keep_files or any(_overlap(path, other) for other in others)]
    gone = [path for path in paths if path not in kept]
    remove_sources(names, [place for path in gone for place in (RAW / path, Path(f"{RAW / path}.dvc"))])
    for path in gone:
        withdraw(RAW / path, RAW)  # the folders above it that are empty now
        forget(path)
    for path in kept:
        say(f"Kept {RAW / path}.")
    say(f"Removed {', '.join(names)}. Next: dvc repro")


def _overlap(path: Path, other: Path) -> bool:
    return path == other or path in other.parents or other in path.parents
