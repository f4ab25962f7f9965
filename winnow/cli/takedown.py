"""``winnow takedown``: leave rows out permanently, under any id, and name the releases that still hold them."""

from pathlib import Path

import click

from winnow.harness.display import say, visible

SHOWN = 10


@click.command()
@click.argument("row_id", required=False)
@click.option("--text", help="All rows that hold this text now, in any case.")
@click.option("--source", metavar="NAME", help="All rows of this source, those to come included.")
@click.option("--reason", required=True, help="Why; it is shown wherever the rows are.")
@click.option("--author", help="Who; by default the name that Git knows.")
@click.option("--yes", is_flag=True, help="Do not ask before more than one row is taken down.")
def main(row_id: str | None, text: str | None, source: str | None, reason: str, author: str | None, yes: bool) -> None:
    """Take down the row ROW_ID, all rows that hold a text, or a whole source. Rows that say the same but for case,
    marks and spaces go too. A takedown never expires, holds for the same text under any id, and takes with it what was
    made from the rows. Tagged releases that still hold them are listed; old data stays in data/raw, in Git's history
    and in DVC's cache and remotes until you remove it there (`dvc gc`). Replies of models in data/ledger may quote it.

    \b
    winnow takedown demo_dolly:ab12 --reason "asked for by the author"
    winnow takedown --text "555-0100" --reason "a private phone number"
    """
    from winnow.lineage.search import search
    from winnow.patches.write import alike, author_of_git, content_hashes, take_down, take_down_source
    from winnow.replies.folders import LEDGER
    from winnow.versions.holders import tags_that_hold
    from winnow.versions.outputs import Workspace

    if sum(one is not None for one in (row_id, text, source)) != 1:
        raise click.UsageError("give one of ROW_ID, --text and --source.")
    version = Workspace()
    who = author or author_of_git()
    if source is not None:
        if source not in (version.params.get("sources") or {}):
            raise click.ClickException(f"there is no source {source!r} in params.yaml.")
        if not yes:
            click.confirm(f"Take down all rows of {source}?", abort=True)
        say(f"{take_down_source(version, source, who, reason)} written")
        holders = tags_that_hold(source=source)
    else:
        rows = [row_id] if row_id is not None else _rows_with(search(version, text or ""))
        content_hashes(version, rows)  # says so where there is no such row
        exact, near = alike(version, rows)
        rows = sorted({*rows, *exact})
        if len(rows) > 1 and not yes:
            click.confirm(visible(f"Take down {len(rows):,} rows ({_some(rows)})?"), abort=True)
        hashes = take_down(version, rows, who, reason)
        say(f"{len(rows):,} takedowns written to data/patches: {_some(rows)}")
        if near:
            say(f"{len(near):,} rows nearly say the same and stay, look at them with winnow why: {_some(near)}")
        holders = tags_that_hold(rows, set(hashes.values()))
    say("Run dvc repro, then commit; the rows leave the release as takedown.")
    if any(Path(LEDGER).glob("*/*.jsonl")):
        say(f"{LEDGER} is left as it is: what models replied about these rows may quote them.")
    for tag, held in holders:
        say(f"release {tag} holds {held}")


def _rows_with(row_ids: list[str]) -> list[str]:
    if not row_ids:
        raise click.ClickException("no row holds this text.")
    return row_ids


def _some(rows: list[str]) -> str:
    return ", ".join(rows[:SHOWN]) + (", …" if len(rows) > SHOWN else "")
