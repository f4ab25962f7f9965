"""The code against ``data/code``: whether the digests that every stage depends on are those of the source here.

``dvc status`` compares the source with what the stage ``code`` read, by bytes. It cannot see that source was edited
while that stage ran, or that ``data/code`` was checked out from another version afterwards.
"""

from collections.abc import Iterator

from winnow.harness.code import difference, units_among
from winnow.harness.errors import UserError
from winnow.integrity.finding import Finding
from winnow.integrity.lock import Lock, entries


def code(lock: Lock) -> Iterator[Finding]:
    """Yield a finding for each room or script of a stage that is not as ``data/code`` lists it."""
    for unit in sorted(set(units_among(entry.path for entry in entries(lock, "deps")))):
        try:
            problem, fix = difference(unit), "run `dvc repro --force code`, then dvc repro"
        except UserError as error:
            problem, _, fix = str(error).rstrip(".").rpartition("; ")
        if problem:
            yield Finding("code", problem, fix)
