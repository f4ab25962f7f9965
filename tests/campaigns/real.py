"""``make real DATA=…``: the whole pipeline on the public sets, in a temporary clone; prints the funnel."""

import resource
import tempfile
from pathlib import Path

import click

from tests.campaigns.clone import add_real_sources, clone, run


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--keep", type=click.Path(path_type=Path), help="Build in this folder and leave it there.")
def main(data: Path, keep: Path | None) -> None:
    """Build a release of the public sets below DATA; exit status 0 means that every raw unit is accounted for."""
    with tempfile.TemporaryDirectory(prefix="winnow-real-") as temporary:
        folder = keep or Path(temporary) / "clone"
        clone(folder)
        add_real_sources(folder.resolve(), data.resolve())
        run(folder, "dvc", "repro", "--quiet")
        run(folder, "winnow", "funnel")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        click.echo(f"\n{used.ru_utime + used.ru_stime:.1f} CPU seconds, {used.ru_maxrss / 1024:.0f} MB in one process")
        if keep:
            click.echo(f"The clone is in {folder}.")


if __name__ == "__main__":
    main()
