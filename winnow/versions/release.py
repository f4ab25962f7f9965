"""A release: the changelog since the last one, committed and tagged, or nothing at all."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from winnow.harness.digests import file_md5
from winnow.harness.errors import UserError
from winnow.harness.files import JOURNAL, alone, write_file, write_files
from winnow.versions.changelog import extended, first_section, section
from winnow.versions.difference import difference
from winnow.versions.git import git
from winnow.versions.lines import INDEX
from winnow.versions.numbers import RELEASED, artifact, number, released
from winnow.versions.outputs import Revision

CHANGELOG = Path("CHANGELOG.md")
UNDER_WAY = JOURNAL / "release/begun.json"
"""Written before a release and deleted after it: the commit to go back to, and the tag."""


@dataclass(frozen=True)
class Release:
    """What a release will write: its tag, its changelog section, and the whole changelog."""

    tag: str
    section: str
    changelog: str


def prepared(text: str, findings: Iterable[str], message: str | None = None) -> Release:
    """Check that what stands here can be released as the version ``text`` and return what to write.

    ``findings`` are lines of ``winnow verify``, looked at after the cheap checks. Raises :class:`UserError` that says
    what is in the way; writes nothing.
    """
    version, name = number(text), artifact()
    tag = f"{name}@{version}"
    _check_history()
    date = _date()
    if tag in (known for _, known in released(name, everywhere=True)):
        raise UserError(f"{tag} is released already; a release never changes, so choose a newer number.")
    earlier = released(name)
    if earlier and version < earlier[-1][0]:
        raise UserError(f"{version} is not newer than {earlier[-1][1]}, the last release in this history.")
    _check_tree()
    if problems := list(findings):
        more = f" ({len(problems)} findings; winnow verify lists them)" if len(problems) > 1 else ""
        raise UserError(f"this version is not whole: {problems[0]}{more}.")
    _check_card()
    here = Revision("HEAD")
    body = section(difference(Revision(earlier[-1][1]), here, 0).summary, tag) if earlier else first_section(here)
    body = f"{message.strip()}\n\n{body}" if message else body
    before = CHANGELOG.read_text(encoding="utf-8") if CHANGELOG.exists() else ""
    return Release(tag, body, extended(before, str(version), date, body))


def publish(release: Release) -> None:
    """Write and commit the changelog and tag the commit; after any failure Git and the file are as they were.

    After a kill, :func:`recover_release` does what this does after a failure.
    """
    with alone(UNDER_WAY.parent):
        write_file(UNDER_WAY, json.dumps({"head": git("rev-parse", "HEAD").strip(), "tag": release.tag}))
        try:
            write_files({CHANGELOG: release.changelog})
            git("add", "--", str(CHANGELOG))
            if git("status", "--porcelain", "--", str(CHANGELOG)):
                git("commit", "--quiet", "-m", f"Release {release.tag}", "--", str(CHANGELOG))
            git("tag", "--annotate", release.tag, "--cleanup=verbatim", "-m", f"{release.tag}\n\n{release.section}")
        finally:
            _undo_untagged()


def recover_release() -> str | None:
    """Undo a release that was broken off before its tag was made; return a sentence, ``None`` where there was none."""
    if not UNDER_WAY.exists():
        return None
    with alone(UNDER_WAY.parent):
        return _undo_untagged()


def _undo_untagged() -> str | None:
    begun = json.loads(UNDER_WAY.read_text(encoding="utf-8"))
    done = None
    if not git("tag", "--list", begun["tag"]).strip():
        commits = git("log", "--format=%H %s", f"{begun['head']}..HEAD").splitlines()
        if [line.partition(" ")[2] for line in commits] == [f"Release {begun['tag']}"]:
            git("reset", "--quiet", "--soft", begun["head"])
        if git("ls-tree", "HEAD", "--", str(CHANGELOG)):
            git("checkout", "--quiet", "HEAD", "--", str(CHANGELOG))
        else:
            git("rm", "--quiet", "--cached", "--ignore-unmatch", "--", str(CHANGELOG))
            CHANGELOG.unlink(missing_ok=True)
        done = f"the release {begun['tag']} that was broken off is undone; run its command again"
    UNDER_WAY.unlink()
    return done


def _date() -> str:
    """Return the day on which Git would date a commit made now; a name and address that Git lacks is an error here."""
    seconds, zone = git("var", "GIT_COMMITTER_IDENT").split()[-2:]
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
    return datetime.fromtimestamp(int(seconds), timezone(offset)).date().isoformat()


def _check_history() -> None:
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        raise UserError(
            "this clone is shallow, so earlier releases cannot be seen; run `git fetch --unshallow --tags`."
        )
    if git("rev-parse", "--abbrev-ref", "HEAD").strip() == "HEAD":
        raise UserError("no branch is checked out; a release is a commit on a branch: git checkout main.")


def _check_tree() -> None:
    if changed := git("status", "--porcelain").splitlines():
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise UserError(f"the working tree is not clean ({changed[0][3:]}{more}); commit or remove that first.")


def _check_card() -> None:
    """Raise unless the card is the one that ``export`` wrote, from the index that stands here."""
    card, again = f"{RELEASED}/README.md", "run dvc repro, and commit"
    try:
        receipt = json.loads(Path("data/receipts/export.json").read_text(encoding="utf-8"))
        written, read = receipt["outputs"][card], receipt["inputs"][INDEX]
        current = written == file_md5(Path(card)) and read == file_md5(Path(INDEX))
    except (OSError, ValueError, KeyError):
        raise UserError(f"there is no dataset card that export wrote ({card}); {again}.") from None
    if not current:
        raise UserError(f"the dataset card {card} is not the one of this version; {again}.")
