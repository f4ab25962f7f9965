"""``winnow patch``: edit, drop or tag one row by a small file in Git."""

import click

from winnow.harness.display import say


@click.command()
@click.argument("row_id")
@click.option(
    "--set", "settings", multiple=True, metavar="FIELD=TEXT", help="New text of a field; @FILE reads it there."
)
@click.option("--edit", "fields", multiple=True, metavar="FIELD", help="Edit a field in your editor.")
@click.option("--rebind", is_flag=True, help="Bind stale edits of the row to what the source says now.")
@click.option("--drop", is_flag=True, help="Leave the row out, its text under any id, and all that is made from it.")
@click.option("--tag", "tags", multiple=True, help="A word of yours that the release carries: metadata, patch_tags.")
@click.option("--reason", required=True, help="Why; it is shown wherever the row is.")
@click.option("--author", help="Who; by default the name that Git knows.")
def main(
    row_id: str,
    settings: tuple[str, ...],
    fields: tuple[str, ...],
    rebind: bool,
    drop: bool,
    tags: tuple[str, ...],
    reason: str,
    author: str | None,
) -> None:
    """Write data/patches/<source>/<digest>.json for the row ROW_ID; delete that file to undo it. FIELD is instruction,
    response, context, system, or a full name such as messages[1].content. An edit goes in before cleaning, and no rule
    touches that field; if the source changes the field later, the edit is stale: it is left out, counted and listed.

    \b
    winnow patch demo_dolly:ab12 --set response="Lake Superior." --reason "wrong lake"
    winnow patch demo_dolly:ab12 --drop --reason "advertises a shop"
    """
    from winnow.patches.write import alike, author_of_git, patch_row, stale_edits, text_now
    from winnow.versions.outputs import Workspace

    if not settings and not fields and not rebind and not drop and not tags:
        raise click.UsageError("nothing to do: give --set, --edit, --rebind, --drop or --tag.")
    version = Workspace()
    texts = stale_edits(version, row_id) if rebind else {}
    for one in settings:
        name, sign, text = one.partition("=")
        if not sign:
            raise click.UsageError(f"--set takes FIELD=TEXT, not {one!r}.")
        texts[name] = _from_file(text[1:]) if text.startswith("@") else text
    for name in fields:
        texts |= _edited(name, text_now(version, row_id, name))
    if not texts and not drop and not tags:
        say("nothing changed")
        return
    file = patch_row(version, row_id, texts, drop=drop, tags=tags, author=author or author_of_git(), reason=reason)
    say(f"{file} written; run dvc repro, then commit it.")
    if drop and (like := [row for rows in alike(version, [row_id]) for row in rows]):
        say(f"{len(like)} rows nearly say the same and may take its place: {', '.join(like[:10])}")


def _edited(name: str, text: str) -> dict[str, str]:
    changed = click.edit(text, extension=".txt")
    if changed is not None and not text.endswith("\n"):
        changed = changed.removesuffix("\n")  # which editors add
    return {} if changed is None or changed == text else {name: changed}


def _from_file(name: str) -> str:
    with click.open_file(name, encoding="utf-8") as file:
        return file.read().removesuffix("\n")
