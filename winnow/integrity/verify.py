"""All checks of ``winnow verify``, causes before their effects."""

from collections.abc import Callable, Iterable, Iterator

from winnow.integrity import code, labels, ledger, lock, outputs, patches, receipts, release, releases, runs, tables
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
    yield from runs.orphans()
    yield from runs.leftovers()
    yield from patches.patches()
    yield from labels.labels()
    yield from ledger.ledger()
    yield from lock.lock_file()
    if (locked := lock.read_lock()) is None:
        return
    recorded = outputs.recorded(locked)
    here = outputs.hashes([out.path for out in recorded])
    damaged = outputs.outputs(recorded, here)
    yield from damaged
    yield from outputs.cache(recorded, here)
    yield from releases.releases(outputs.objects(recorded, here), deep=deep, everything=everything)
    yield from outputs.strays(recorded)
    yield from receipts.receipts(locked)
    yield from code.code(locked)
    if not torn:
        yield from outputs.stale()
    if not damaged:
        yield from tables.conservation()
        yield from tables.licences()
        yield from release.release()


def repair(findings: Iterable[Finding]) -> Iterator[tuple[Finding, Exception | None]]:
    """Repair what can be repaired without loss; yield each such finding, with the exception where that failed.

    Findings that share a repair are repaired by one call.
    """
    results: dict[Callable[[], object], Exception | None] = {}
    for one in findings:
        if one.repair is None:
            continue
        if one.repair not in results:
            try:
                one.repair()
                results[one.repair] = None
            except Exception as error:
                results[one.repair] = error
        yield one, results[one.repair]
