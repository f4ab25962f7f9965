"""Version numbers and the tags that carry them: ``<artifact>@vX.Y.Z``, the form that ``dvc artifacts get`` reads."""

import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from winnow.harness.documents import parse_yaml
from winnow.harness.errors import UserError
from winnow.versions.git import git

RELEASED = "data/export"
_NUMBER = re.compile(r"v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?")


class Number(NamedTuple):
    """A semantic version (semver.org) without pre-releases."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"


def number(text: str) -> Number:
    """Read a version number; what DVC would not read in a tag is a :class:`UserError`.

    >>> str(number("v1.2")), str(number("1.2.10")), number("v1.10") > number("v1.9.3")
    ('v1.2.0', 'v1.2.10', True)
    """
    if not (match := _NUMBER.fullmatch(text)):
        raise UserError(f"{text!r} is no version number; write vX.Y or vX.Y.Z, for example v1.0.")
    major, minor, patch = match.groups()
    return Number(int(major), int(minor), int(patch or 0))


def artifact() -> str:
    """Return the name under which ``dvc.yaml`` offers the release, which stands in its tags."""
    document = parse_yaml(Path("dvc.yaml").read_text(encoding="utf-8"))
    for name, entry in sorted((document.get("artifacts") or {}).items()):
        if entry.get("path") == RELEASED:
            return str(name)
    raise UserError(
        f"dvc.yaml has no artifact with the path {RELEASED}; add `artifacts: {{dataset: {{path: {RELEASED}}}}}`."
    )


def commit_of(name: str, root: Path = Path()) -> str:
    """Return the commit that Git knows as ``name``, or else as the release of that number: ``v1.0``.

    ``v1.0`` is the tag ``dataset@v1.0.0`` of whatever artifact ``dvc.yaml`` has; an unknown name is a
    :class:`UserError`.
    """
    tags = git("tag", "--list", f"*@{number(name)}", root=root).split() if _NUMBER.fullmatch(name) else []
    for one in (name, *tags):
        with suppress(UserError):
            return git("rev-parse", "--verify", "--end-of-options", f"{one}^{{commit}}", root=root).strip()
    raise UserError(f"there is no revision {name!r}; `git log --oneline` and `git tag` list what there is.")


def released(name: str, *, everywhere: bool = False) -> list[tuple[Number, str]]:
    """Return (number, tag) of the releases of the artifact ``name``, oldest first: those in the history of HEAD, or
    those of every branch.
    """
    tags = git("tag", "--list", f"{name}@v*", *([] if everywhere else ["--merged", "HEAD"])).split()
    versions = ((tag.split("@", 1)[1], tag) for tag in tags)
    return sorted((number(version), tag) for version, tag in versions if _NUMBER.fullmatch(version))
