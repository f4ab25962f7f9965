"""``winnow add``: a source's files into ``data/raw``, its entry into ``params.yaml``, a preview of what is read."""

import shutil
from pathlib import Path

import click

from stages.harness.errors import UserError
from stages.harness.settings import read_params

PREVIEW = 3  # records shown
_SAMPLE = 50  # units that the adapter is sniffed from


@click.command()
@click.argument("name")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--license", "license_", required=True, help="SPDX id of the source's licence, or `other`.")
@click.option("--license-name", default="", help="The licence's name where --license is `other`.")
@click.option("--adapter", help="The format; sniffed from the first rows where it is not given.")
@click.option("--origin", default="human", show_default=True, help="Who wrote it: human, model, augmented, generated.")
@click.option("--encoding", default="utf-8", show_default=True, help="Encoding of its files.")
@click.option("--url", default="", help="Where it came from; stands on the dataset card.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="An option of the adapter; repeatable.")
@click.option("--dry-run", is_flag=True, help="Show how it would be read, change nothing.")
def main(
    name: str,
    paths: tuple[Path, ...],
    license_: str,
    license_name: str,
    adapter: str | None,
    origin: str,
    encoding: str,
    url: str,
    options: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Copy PATHS (files or folders) to data/raw/NAME and write the entry sources.NAME.

    \b
    winnow add alpaca alpaca_data.json --license CC-BY-NC-4.0 --origin model
    winnow add dolly databricks-dolly-15k.jsonl --license CC-BY-SA-3.0
    winnow add maths gsm8k.jsonl --license MIT --adapter table --option instruction=question --option response=answer
    """
    from stages.commands.params import add_source
    from stages.commands.preview import preview, sampled, surest
    from stages.reading.entries import RAW, entries, valid_name
    from stages.reading.registry import adapters

    sources = read_params().get("sources") or {}
    if not valid_name(name):
        raise UserError(f"{name!r} cannot name a source: use lower-case letters, digits, - and _.")
    if name in sources or (RAW / name).exists():
        raise UserError(f"there is a source {name} already; take it out first with `winnow remove {name}`.")
    files = data_files(paths)
    adapter = adapter or surest(files, encoding, _SAMPLE)
    entry = {"adapter": adapter, "path": name, "license": license_}
    optional = {"license_name": license_name, "url": url, "origin": origin, "encoding": encoding}
    defaults = {"origin": "human", "encoding": "utf-8"}
    if broken := [option for option in options if "=" not in option]:
        raise UserError(f"--option {broken[0]} must be KEY=VALUE, --option instruction=question, say.")
    entry |= dict(option.split("=", 1) for option in options)
    entry |= {key: value for key, value in optional.items() if value and value != defaults.get(key)}
    checked = entries({name: entry})[0]
    sample = sampled(files, encoding, _SAMPLE, adapters()[adapter].header)
    click.echo(preview(checked, sample, PREVIEW))
    if dry_run:
        return
    copy(files, RAW / name)
    add_source(name, entry)
    click.echo(f"Added source {name}: {len(files)} file(s) in {RAW / name}, entry in params.yaml. Next: dvc repro")


def data_files(paths: tuple[Path, ...]) -> list[tuple[Path, Path]]:
    """Return (file, place below the source's folder) for every data file of ``paths``, sorted; links are refused."""
    from stages.reading.entries import is_data

    found = []
    for path in paths:
        if path.is_symlink():
            raise UserError(f"{path} is a link; name the file itself.")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.is_symlink():
                raise UserError(f"{file} is a link; only files themselves are copied.")
            if file.is_file() and is_data(file):
                found.append((file, file.relative_to(path) if path.is_dir() else Path(file.name)))
    if not found:
        raise UserError(f"{paths[0]} holds no data file (JSON, JSON Lines, CSV, TSV, Parquet, Arrow).")
    places = [place for _, place in found]
    if twice := sorted(str(place) for place in set(places) if places.count(place) > 1):
        raise UserError(f"two of the files would be {twice[0]} in the source's folder; rename one.")
    return sorted(found, key=lambda pair: pair[1].as_posix())


def copy(files: list[tuple[Path, Path]], folder: Path) -> None:
    """Copy the files below ``folder``; a copy that fails leaves nothing behind."""
    staging = folder.with_name(f".{folder.name}.tmp")
    try:
        for file, place in files:
            target = staging / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        staging.replace(folder)
    except OSError as error:
        raise UserError(f"copying to {folder} failed ({error.strerror}); nothing was added.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
