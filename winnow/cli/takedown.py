"""``winnow takedown``: leave rows out permanently, under any id, and name the releases that still hold them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from winnow.harness.display import say, visible

if TYPE_CHECKING:
    from winnow.patches.quotes import Quote
    from winnow.patches.takedown import Plan, Written

SHOWN = 10


@click.command()
@click.argument("row_id", required=False)
@click.option("--text", help="All rows, raw units and patches that hold this text now, in any case.")
@click.option("--source", metavar="NAME", help="All rows of this source, those to come included.")
@click.option(
    "--purge", is_flag=True, help="Remove them from data/raw too, where a tombstone stays, and from data/ledger."
)
@click.option("--reason", required=True, help="Why; it is shown wherever the rows are.")
@click.option("--author", help="Who; by default the name that Git knows.")
@click.option("--yes", is_flag=True, help="Do not ask before more than one row is taken down or a raw file changed.")
def main(
    row_id: str | None, text: str | None, source: str | None, purge: bool, reason: str, author: str | None, yes: bool
) -> None:
    """Take down the row ROW_ID, all rows that hold a text, or a whole source. Rows that say the same but for case,
    marks and spaces go too. A takedown never expires: it holds for the same prompt and reply under any id, system
    prompt and cleaning rules, for the reply where it stands as a rejected reply or in another turn, and for what was
    made from the rows. Tagged releases that still hold them are listed; docs/takedown.md says where the text remains
    (Git's history, DVC's cache and remotes) and how to remove it there.

    \b
    winnow takedown demo_dolly:ab12 --reason "asked for by the author"
    winnow takedown --text "555-0100" --purge --reason "a private phone number"
    """
    from winnow.patches.takedown import plan_for_row, plan_for_text, write_takedown
    from winnow.patches.write import author_of_git
    from winnow.versions.holders import tags_that_hold
    from winnow.versions.outputs import Workspace

    if sum(one is not None for one in (row_id, text, source)) != 1:
        raise click.UsageError("give one of ROW_ID, --text and --source.")
    who = author or author_of_git()
    if source is not None:
        if purge:
            raise click.UsageError("--purge is for rows; `winnow remove` removes a source with its files.")
        _take_down_source(source, who, reason, yes)
        holders = tags_that_hold(source=source)
    else:
        version = Workspace()
        plan = plan_for_row(version, row_id) if row_id is not None else plan_for_text(version, text or "", reason)
        if (len(plan.ids) > 1 or purge) and not yes:
            also = " and remove them from data/raw and data/ledger" if purge else ""
            click.confirm(visible(f"Take down {len(plan.ids):,} rows ({_some(plan.ids)}){also}?"), abort=True)
        written = write_takedown(version, plan, who, reason, purged=purge)
        _say(plan, written)
        if plan.quote:
            _say_files(version.root, plan.quote)
        holders = tags_that_hold(plan.rows, set(written.hashes.values()))
    _say_what_remains(holders, replies_searched=purge and text is not None)


def _take_down_source(source: str, author: str, reason: str, yes: bool) -> None:
    from winnow.harness.files import transaction
    from winnow.patches.patch import EVERY
    from winnow.patches.write import take_down_whole
    from winnow.versions.outputs import Workspace

    version = Workspace()
    if source not in (version.params.get("sources") or {}):
        raise click.ClickException(f"there is no source {source!r} in params.yaml.")
    if not yes:
        click.confirm(visible(f"Take down all rows of {source}?"), abort=True)
    with transaction() as change:
        file = take_down_whole(change, version, source + EVERY, author, reason)
        change.commit()
    say(f"{file} written")


def _say(plan: "Plan", written: "Written") -> None:
    from winnow.patches.takedown import dvc_file

    if plan.ids:
        say(f"{len(plan.ids):,} takedowns written to data/patches: {_some(plan.ids)}")
    if plan.patches:
        say(f"{len(plan.patches):,} patches no longer quote it: {_some(sorted(plan.patches))}")
    if plan.near:
        say(f"{len(plan.near):,} rows nearly say the same and stay, look at them with winnow why: {_some(plan.near)}")
    for path, count in written.raw.units.items():
        holder = dvc_file(path)
        say(
            f"{path}: {count:,} units replaced by tombstones"
            + (f"; run dvc add {holder.with_suffix('')}" if holder else "")
        )
    for path, why in written.raw.left.items():
        say(f"{path} still holds it: {why}; edit the file yourself")
    for less in written.replies:
        holder = dvc_file(less.old)
        again = (
            f"; run dvc add {less.new if holder.stem == less.old.name else holder.with_suffix('')}" if holder else ""
        )
        say(f"{less.old}: {less.lines:,} replies removed, the others are in {less.new.name}{again}")


def _say_files(root: Path, quote: "Quote") -> None:
    from winnow.patches.quotes import files_with

    for path in files_with(root, quote):
        say(f"{path} holds it too, and no takedown changes it; edit the file yourself")


def _say_what_remains(holders: list[tuple[str, str]], *, replies_searched: bool) -> None:
    from winnow.replies.folders import LEDGER

    say("Run dvc repro, then commit; the rows leave the release as takedown.")
    if not replies_searched and any(Path(LEDGER).glob("*/*.jsonl")):
        say(f"{LEDGER} is left as it is: what models replied about these rows may quote them.")
    for tag, held in holders:
        say(f"release {tag} holds {held}")


def _some(rows: list[str]) -> str:
    return ", ".join(rows[:SHOWN]) + (", …" if len(rows) > SHOWN else "")
