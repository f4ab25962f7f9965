"""The splits that a source has of its own: files named train, validation and test, or arrays of these names in one.

They count where a source has files of more than one kind, of which one is held out: a single file called ``test.jsonl``
is just a name, and so are files that are all called train.
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError

_NAMES = {
    "train": "train training",
    "validation": "validation valid val dev devel eval evaluation",
    "test": "test testing heldout holdout",
}
_SPLIT_OF = {name: split for split, names in _NAMES.items() for name in names.split()}
OWN, IGNORE = "own", "ignore"


@lru_cache(1_024)
def named(name: str) -> str | None:
    """Return the split that the name of a file, a folder or an array says by its first or last word.

    >>> named("test-00000-of-00001"), named("creak_train"), named("latest"), named("held-out")
    ('test', 'train', None, 'test')
    """
    words = re.findall(r"[a-z]+", re.sub(r"held[-_ ]out", "heldout", name.lower()))
    words = [word for word in words if word != "of"]
    return next((_SPLIT_OF[word] for word in (words[:1] + words[-1:]) if word in _SPLIT_OF), None)


def check(where: str, policy: Any) -> None:
    """Raise :class:`UserError` unless ``policy``, the ``splits`` of an entry, is one."""
    if policy in (OWN, IGNORE):
        return
    if not isinstance(policy, Mapping) or not policy or not set(policy.values()) <= set(_NAMES):
        raise UserError(
            f"{where}.splits is {policy!r}; it is {OWN} (as the names of its files say), {IGNORE}, or names files with "
            f"their split (eval_*.jsonl: test)."
        )


def own_splits(files: Iterable[Path], policy: Any) -> dict[Path, str | None]:
    """Return the split of each file of a source, None for a file whose rows are split by their content.

    ``files`` are their places in the source's folder; ``policy`` is ``own``, ``ignore``, or a map of patterns of such
    places to splits, which alone count then.

    >>> own_splits([Path("train.jsonl"), Path("test.jsonl")], "own")
    {PosixPath('train.jsonl'): 'train', PosixPath('test.jsonl'): 'test'}
    >>> own_splits([Path("test.jsonl")], "own")
    {PosixPath('test.jsonl'): None}
    """
    listed = list(files)
    if isinstance(policy, Mapping):
        return {file: _listed(file, policy) for file in listed}
    found = {file: _of(file) for file in listed}
    return found if policy != IGNORE and hold_out(found.values()) else dict.fromkeys(listed)


def hold_out(splits: Iterable[str | None]) -> bool:
    """Tell whether the names of files, or of arrays, are those of splits: there is more than one, and one is held out.

    >>> hold_out(["train", "test"]), hold_out(["test"]), hold_out(["train", None])
    (True, False, False)
    """
    kinds = set(splits)
    return len(kinds) > 1 and not kinds.isdisjoint(("validation", "test"))


def _listed(file: Path, policy: Mapping[str, str]) -> str | None:
    return next((split for name, split in policy.items() if fnmatch(file.as_posix(), name)), None)


def _of(file: Path) -> str | None:
    names = [file.name.split(".", 1)[0], *reversed(file.parts[:-1])]
    return next((split for name in names if (split := named(name))), None)
