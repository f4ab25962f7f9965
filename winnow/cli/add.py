"""``winnow add``: a source's files into ``data/raw``, its entry into ``params.yaml``, a preview of what is read."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from winnow.cli.paths import TypedPath
from winnow.harness.display import say
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params

_DEFAULTS = {"origin": "human", "encoding": "utf-8"}


@click.command()
@click.argument("name", required=False)
@click.argument("paths", nargs=-1, type=TypedPath(exists=True, path_type=Path))
@click.option("--license", "license_", default="", help="SPDX id of the source's licence, or `other`.")
@click.option("--license-name", default="", help="The licence's name where --license is `other`.")
@click.option("--adapter", default="", help="The format; sniffed from the first rows where it is not given.")
@click.option("--origin", default="human", show_default=True, help="Who wrote it: human, model, augmented, generated.")
@click.option("--encoding", default="utf-8", show_default=True, help="Encoding of its files.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="A key of the entry; repeatable.")
@click.option("--url", "urls", multiple=True, help="Download this file instead of copying PATHS; repeatable.")
@click.option("--homepage", default="", help="The page it comes from; stands on the dataset card.")
@click.option("--attribution", default="", help="Whom to name; stands on the dataset card.")
@click.option("--preset", "preset_name", default="", help="A public set that is known by this name.")
@click.option("--presets", "listing", is_flag=True, help="List the known public sets.")
@click.option("--no-fetch", is_flag=True, help="With --preset or --url: write the entry, download nothing yet.")
@click.option("--dry-run", is_flag=True, help="Show how it would be read, change nothing.")
def main(
    name: str | None,
    paths: tuple[Path, ...],
    options: tuple[str, ...],
    urls: tuple[str, ...],
    preset_name: str,
    listing: bool,
    no_fetch: bool,
    dry_run: bool,
    **texts: str,
) -> None:
    """Copy PATHS (files or folders) to data/raw/NAME, or download them, and write the entry sources.NAME.

    \b
    winnow add mine rows.jsonl --license CC-BY-4.0 --origin model
    winnow add maths gsm8k.jsonl --license MIT --adapter table --option instruction=question --option response=answer
    winnow add theirs --url https://example.org/rows.jsonl --license MIT
    winnow add --preset dolly
    """
    if listing:
        return say(*_listing())
    ways = [bool(paths), bool(urls), bool(preset_name)]
    if sum(ways) != 1:
        raise UserError("give one of these: the PATHS of files to copy, --url of files to download, or --preset.")
    if no_fetch and paths:
        raise UserError("--no-fetch goes with --preset or --url; PATHS are copied, not fetched.")
    name = _free(name or preset_name, may_have_files=bool(preset_name))
    if preset_name:
        if options or any(value and value != _DEFAULTS.get(key) for key, value in texts.items()):
            raise UserError(
                "a preset names licence, adapter and the rest itself; change them in params.yaml afterwards."
            )
        return _add_preset(name, preset_name, no_fetch, dry_run)
    entry = _entry(name, texts, options, urls)
    if urls:
        return _add_urls(name, entry, no_fetch, dry_run)
    return _add_files(name, entry, paths, dry_run)


def _listing() -> list[str]:
    from winnow.fetching.presets import presets

    rows = [(known.name, known.settings["license"], known.size or "?", known.summary) for known in presets().values()]
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    lines = ["  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]]) for row in rows]
    return [*lines, "", "winnow add --preset NAME downloads one; its terms of use are its publisher's."]


def _free(name: str, may_have_files: bool) -> str:
    """Return ``name`` if a new source can have it."""
    from winnow.adding.params import RAW
    from winnow.reading.entries import valid_name

    if not valid_name(name):
        raise UserError(f"{name!r} cannot name a source: use lower-case letters, digits, - and _.")
    if name in (read_params().get("sources") or {}):
        raise UserError(f"there is a source {name} already; take it out first with `winnow remove {name}`.")
    if (RAW / name).exists() and not may_have_files:
        raise UserError(f"{RAW / name} is there already, though no source is named so; move it away first.")
    return name


def _entry(name: str, texts: dict[str, str], options: tuple[str, ...], urls: tuple[str, ...]) -> dict[str, Any]:
    """Return the entry as the options say it, in the order in which it is written."""
    from winnow.adding.missing import with_options
    from winnow.records.licence import UnknownLicence, spdx

    if not texts["license_"]:
        raise UserError("say under which licence the source stands: --license with its SPDX id, or `other`.")
    if broken := [option for option in options if "=" not in option]:
        raise UserError(f"--option {broken[0]} must be KEY=VALUE, --option instruction=question, say.")
    try:
        licence = spdx(texts["license_"])
    except UnknownLicence as error:
        raise UserError(f"--license {texts['license_']!r} {error}.") from None
    if licence != texts["license_"]:
        say(f"Licence {texts['license_']!r} is {licence}.")
    entry: dict[str, Any] = {"adapter": texts["adapter"], "path": name, "license": licence}
    entry = with_options(entry, [option.split("=", 1) for option in options])
    if urls:
        entry["url"] = urls[0] if len(urls) == 1 else list(urls)
    for key in ("license_name", "homepage", "attribution", "origin", "encoding"):
        if texts[key] and texts[key] != _DEFAULTS.get(key):
            entry[key] = texts[key]
    return entry


def _add_files(name: str, entry: dict[str, Any], paths: tuple[Path, ...], dry_run: bool) -> None:
    from winnow.adding.files import data_files
    from winnow.adding.params import RAW, add_source
    from winnow.adding.preview import checked_preview

    files = data_files(paths)
    say(*checked_preview(name, entry, files))
    if dry_run:
        return
    add_source(name, entry, files)
    say(f"Added source {name}: {len(files)} file(s) in {RAW / name}, entry in params.yaml. Next: dvc repro")


def _add_urls(name: str, entry: dict[str, Any], no_fetch: bool, dry_run: bool) -> None:
    from winnow.adding.params import RAW, add_source
    from winnow.adding.preview import checked_preview
    from winnow.cli.fetch import fetch_files
    from winnow.reading.entries import entries
    from winnow.reading.forms import KEYS as FORM
    from winnow.reading.remote import remotes

    if dry_run:
        raise UserError("--dry-run reads files that are here; with --url there are none yet.")
    if no_fetch and not entry["adapter"]:
        raise UserError("with --no-fetch there is nothing to recognise the format from; name it with --adapter.")
    # what can be wrong is said before anything is downloaded; the options are the adapter's, if that is known
    plain = {
        key: entry[key]
        for key in ("path", "license", "license_name", "origin", "encoding", "splits", *FORM, "url")
        if key in entry
    }
    entries({name: entry if entry["adapter"] else {**plain, "adapter": "messages"}})
    if no_fetch:
        add_source(name, entry)
        say(f"Added source {name} to params.yaml. Next: winnow fetch {name}")
        return
    files = remotes(name, entry)
    with _downloads() as folder:
        digests = fetch_files(name, files, None, raw=folder, pin=False)
        entry["sha256"] = digests if isinstance(entry["url"], list) else digests[0]
        say(*checked_preview(name, entry, [(folder / one.place, one.place) for one in files]))
        add_source(name, entry, [(folder / one.place, one.place.relative_to(name)) for one in files], move=True)
    say(f"Added source {name}: {len(files)} file(s) in {RAW / name}, entry in params.yaml. Next: dvc repro")


@contextmanager
def _downloads() -> Iterator[Path]:
    """Yield a temporary folder for downloads; ``winnow verify --fix`` removes that of a command that was killed."""
    folder = Path("data/.tmp") / f"add-{os.getpid()}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _add_preset(name: str, preset_name: str, no_fetch: bool, dry_run: bool) -> None:
    from winnow.adding.params import RAW, add_source
    from winnow.adding.preview import checked_preview
    from winnow.cli.fetch import fetch_files
    from winnow.fetching.presets import preset
    from winnow.reading.remote import remotes

    entry = preset(preset_name).entry(name)
    files = remotes(name, entry)
    if dry_run:
        say(*(f"{key}: {value}" for key, value in entry.items()))
        return
    add_source(name, entry)
    if no_fetch:
        say(f"Added source {name} to params.yaml. Next: winnow fetch {name}")
        return
    try:
        fetch_files(name, files, None)
    except UserError as error:
        reason = str(error).rstrip(".")
        raise UserError(f"{reason}; its entry is in params.yaml: go on with winnow fetch {name}.") from error
    say(*checked_preview(name, entry, [(RAW / one.place, one.place) for one in files]))
    say(f"Added source {name}: {len(files)} file(s) in {RAW / name}, entry in params.yaml. Next: dvc repro")
