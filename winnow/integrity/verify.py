"""All checks, the causes before their effects."""

from collections.abc import Callable, Iterable, Iterator

from winnow.integrity import code, decided, labels, ledger, lock, outputs, receipts, release, releases, runs, tables
from winnow.integrity.finding import Finding


def verify(*, deep: bool = False, everything: bool = False) -> Iterator[Finding]:
    """Yield what is wrong in this folder; what cannot be trusted while something else is wrong is not looked at.

    ``deep`` reads the cached bytes of tagged releases too, ``everything`` looks at all their outputs.
    """
    torn = lock.torn_locks() or runs.ghosts()[:1]
    yield from torn
    if running := runs.running():
        yield from running
        return
    yield from runs.orphans()
    yield from runs.leftovers()
    yield from decided.patches()
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


def mend(found: Iterable[Finding]) -> Iterator[tuple[Finding, Exception | None]]:
    """Mend what can be mended without losing anything; yield each such finding with what went wrong, if anything did.

    Findings that share one mend are mended by one call.
    """
    tried: dict[Callable[[], object], Exception | None] = {}
    for one in found:
        if one.mend is None:
            continue
        if one.mend not in tried:
            try:
                one.mend()
                tried[one.mend] = None
            except Exception as error:
                tried[one.mend] = error
        yield one, tried[one.mend]
