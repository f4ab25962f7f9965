"""``winnow release``: a checked, tagged version with its entry in the changelog."""

import click

from winnow.harness.display import say


@click.command()
@click.argument("number", metavar="VERSION")
@click.option("-m", "--message", help="Words that go first in the changelog: what is new, and for whom.")
@click.option("--dry-run", is_flag=True, help="Check everything and print the changelog entry; write nothing.")
def main(number: str, message: str | None, dry_run: bool) -> None:
    """Release what is committed as VERSION (vX.Y or vX.Y.Z). Checks that the working tree is clean, that winnow verify
    finds nothing, that the number is newer than the last and that the dataset card is of this version; adds the rows
    that changed since the last release to CHANGELOG.md, commits it, and makes the tag that dvc artifacts get reads.
    If anything is in the way, nothing is done. Nothing is pushed.

    \b
    winnow release v1.0
    winnow release v1.1 -m "Chinese rows doubled." --dry-run
    """
    from winnow.integrity.verify import verify
    from winnow.versions.release import prepared, publish

    release = prepared(number, (one.line() for one in verify() if not one.note), message)
    if dry_run:
        say(f"{release.tag} could be released:", "", *release.section.split("\n"))
        return
    publish(release)
    name, version = release.tag.split("@")
    say(
        f"{release.tag} is released here. To publish it:",
        "  dvc push",
        "  git push --follow-tags",
        "Then anyone can take it:",
        f"  dvc artifacts get REPOSITORY_URL {name} --rev {version}",
    )
