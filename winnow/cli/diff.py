"""``winnow diff``: what changed between two versions, row by row."""

import click

from winnow.harness.display import json_text, say


@click.command()
@click.argument("rev_a", default="HEAD")
@click.argument("rev_b", default="workspace")
@click.option("--md", "form", flag_value="md", help="Markdown for a pull request: bounded, in a stable order.")
@click.option("--json", "form", flag_value="json", help="Everything as JSON, for programs.")
@click.option(
    "--examples", type=click.IntRange(0, 1000), default=3, show_default=True, help="Rows shown of each change."
)
def main(rev_a: str, rev_b: str, form: str | None, examples: int) -> None:
    """Show the rows that differ between REV_A and REV_B, two Git revisions; by default HEAD and the working tree.

    Rows are added, removed (with the reason), restored, edited, moved or re-weighted. Nothing is checked out: data
    comes from DVC's cache or remote.

    \b
    winnow diff                 # what my changes did, before I commit
    winnow diff main --md       # for the pull request
    winnow diff v1.0 v1.1
    """
    from winnow.integrity.receipts import old_index
    from winnow.versions.difference import difference
    from winnow.versions.outputs import WORKSPACE, outputs
    from winnow.versions.shown import as_lines, as_markdown

    if WORKSPACE in (rev_a, rev_b) and (problem := old_index()):
        say(f"note: {problem}; dvc repro says why there is no newer one.", err=True)
    summary = difference(outputs(rev_a), outputs(rev_b), examples).summary
    if form == "json":
        click.echo(json_text(summary))
    elif form == "md":
        click.echo(as_markdown(summary))
    else:
        say(*as_lines(summary))
