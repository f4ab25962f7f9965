"""All checks of ``winnow verify``, causes before their effects."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from winnow.harness.errors import UserError
from winnow.harness.files import JOURNAL, recover
from winnow.harness.settings import read_params
from winnow.integrity import (
    code,
    labels,
    ledger,
    lock,
    outputs,
    patches,
    receipts,
    release,
    releases,
    runs,
    strays,
    tables,
)
from winnow.integrity.copies import Copies
from winnow.integrity.finding import Finding


def verify(*, deep: bool = False, everything: bool = False) -> Iterator[Finding]:
    """Yield what is wrong in this folder. A check that another fault would mislead is left out.

    ``deep`` reads the cached bytes of tagged releases too; ``everything`` looks for all outputs of these releases.
    """
    torn = lock.torn_locks() or runs.ghosts()[:1]
    yield from torn
    if running := runs.running():
        yield from running
        return
    if changes := _unfinished():
        yield from changes
        return
    yield from runs.orphans()
    yield from runs.leftovers()
    yield from patches.patches()
    yield from labels.labels()
    yield from ledger.ledger()
    yield from lock.lock_file()
    if (locked := lock.read_lock()) is None:
        return
    added, unreadable = outputs.added()
    copies = outputs.copies([*lock.entries(locked, "outs"), *added])
    damaged = [*unreadable, *outputs.outputs(copies)]
    yield from damaged
    rest = _rest(locked, copies, bool(damaged), dvc=not torn)
    objects = {md5 for one in copies for md5 in one.objects}
    rest = chain(outputs.cache(copies), releases.releases(objects, deep=deep, everything=everything), rest)
    yield from _waiting(rest) if any(one.blocks for one in damaged) else rest


def _unfinished() -> list[Finding]:
    """Find what hinders all other checks: unreadable settings, a change of several files that was broken off."""
    try:
        problem = "" if isinstance(read_params().get("buckets"), int) else "params.yaml has no number of buckets"
    except UserError as error:
        problem = str(error).rstrip(".")
    if problem:
        return [Finding("settings", problem, "fix it; `git diff params.yaml` shows what was changed")]
    if not (JOURNAL / "changes.json").exists():
        return []
    problem = "a winnow command that was changing several files was broken off"
    return [Finding("changes", problem, "run `winnow verify --fix`, which completes or undoes the change", recover)]


def _rest(locked: lock.Lock, copies: Sequence[Copies], damaged: bool, dvc: bool) -> Iterator[Finding]:
    yield from strays.strays([one.path for one in copies])
    yield from receipts.receipts(locked)
    yield from code.code(locked)
    if old_index := receipts.old_index():
        yield Finding("index", old_index, outputs.REPRO)
    if dvc:
        yield from strays.stale()
    if not damaged and not old_index:
        yield from tables.conservation()
        yield from tables.licences()
        yield from release.release()


def _waiting(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings without advice to run stages, and without the repairs that prepare it."""
    for one in findings:
        runs_stages = "dvc repro" in one.fix
        yield replace(one, fix="run no stage before the data above is whole", repair=None) if runs_stages else one


def repair(findings: Iterable[Finding]) -> Iterator[tuple[Finding, object]]:
    """Repair what can be repaired without loss; yield each such finding with what was done.

    That is a sentence or ``None``, or the exception where it failed. Findings that share a repair are repaired by one
    call.
    """
    results: dict[Callable[[], object], object] = {}
    for one in findings:
        if one.repair is None:
            continue
        if one.repair not in results:
            try:
                said = one.repair()
                results[one.repair] = said if isinstance(said, str) else None
            except Exception as error:
                results[one.repair] = error
        yield one, results[one.repair]
