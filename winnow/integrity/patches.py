"""Checks of patches: every file is well-formed, and every edit still fits its row."""

from collections import defaultdict
from itertools import chain
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.harness.settings import read_params
from winnow.integrity.aside import way_back
from winnow.integrity.finding import Finding
from winnow.patches.apply import apply
from winnow.patches.patch import Patch, files, path_of, read
from winnow.storage.buckets import bucket_of, each_batch

NORMALIZED, AUGMENTED = Path("data/normalize/records"), Path("data/augment/records")
PATCHES = Path("data/patches")


def patches() -> list[Finding]:
    """Find patches that are not well-formed, and edits and tags that fit no row as the sources are now."""
    findings, well_formed = [], []
    for file in files(PATCHES):
        try:
            well_formed.append(read(file, PATCHES))
        except UserError as error:
            fix, repair = way_back(file)
            findings.append(Finding("patches", str(error).rstrip("."), fix, repair))
    return findings + _old(well_formed) + (_stale(well_formed) if NORMALIZED.is_dir() else [])


def _old(well_formed: list[Patch]) -> list[Finding]:
    """Return one note for the drops that are bound to the cleaned row as a whole and to no text before cleaning."""
    old = [one.row_id for one in well_formed if one.drop and one.content_hash and not one.texts]
    if not old:
        return []
    problem = f"{len(old):,} drops hold only while the cleaned row stays as it is: {old[0]}" + ", …" * (len(old) > 1)
    fix = "run winnow takedown, or winnow patch --drop, for the row again to bind its text before cleaning"
    return [Finding("patches", problem, fix, note=True)]


def _stale(well_formed: list[Patch]) -> list[Finding]:
    buckets = read_params()["buckets"]
    by_bucket: defaultdict[int, dict[str, Patch]] = defaultdict(dict)
    for patch in well_formed:
        if patch.edits or patch.tags:
            by_bucket[bucket_of(patch.row_id, buckets)][patch.row_id] = patch
    findings = []
    for bucket, patches in sorted(by_bucket.items()):
        gone = set(patches)
        try:
            for table in chain(each_batch(NORMALIZED, bucket), each_batch(AUGMENTED, bucket)):
                for row_id, name in apply(table, patches).stale:
                    file = path_of(row_id, PATCHES)
                    problem = f"the edit of {name} in {file} is stale: the source has changed {row_id} since"
                    fix = f"look at the row, then winnow patch {row_id} --rebind, or run `git rm {file}`"
                    findings.append(Finding("patches", problem, fix))
                gone.difference_update(table["row_id"].to_pylist())
        except UserError:
            continue  # a damaged output, which is a finding of its own
        for row_id in sorted(gone):
            file = path_of(row_id, PATCHES)
            problem = f"{file} is stale: no source or plan has the row {row_id} any more"
            findings.append(Finding("patches", problem, f"run `git rm {file}`"))
    return findings
