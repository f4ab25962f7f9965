"""Read in a child process, so that what a damaged file does to the reader ends in one sentence and not the stage."""

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.harness.errors import UserError
from winnow.reading.units import BadUnit, Unit

_MEMORY = 1 << 30  # bytes that the child may take beside the file itself
_SENT, _SENT_CHARS = 1_024, 1 << 22  # units sent at once, characters of their raw texts
Units = Iterator[Unit | BadUnit]


def read_apart(read: Callable[[Path, int], Units], path: Path, max_bytes: int, unit_chars: int) -> Units:
    """Yield the units of ``read(path, unit_chars)``, a module-level generator that runs in a child process.

    The child may take 1 GiB of memory, or ``max_bytes`` where that is less, beside the file and 256 MiB for itself.
    Raises the :class:`UserError` of ``read``, and one that calls the file damaged when the child ends before it.
    """
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(receiver, sender, read, path, min(max_bytes, _MEMORY), unit_chars))
    child.start()
    sender.close()
    row = 0
    try:
        while (message := receiver.recv()) is not None:
            if isinstance(message, str):
                raise UserError(message)
            yield from message
            row += len(message)
    except EOFError:
        child.join()
        name = signal.Signals(-child.exitcode).name if child.exitcode and child.exitcode < 0 else "an error"
        raise UserError(f"{path} is damaged: reading it ended in {name} after row {row:,}; fetch it again.") from None
    finally:
        child.kill()
        child.join()
        receiver.close()


def _run(
    receiver: Connection, sender: Connection, read: Callable[[Path, int], Units], path: Path, memory: int, chars: int
) -> None:
    receiver.close()  # so that writing fails when the parent is gone
    pa.set_memory_pool(pa.system_memory_pool())  # takes what it needs and no more, so that the limit below counts
    _limit_memory(memory + path.stat().st_size + (1 << 28))
    units: list[Unit | BadUnit] = []
    size = 0
    with suppress(BrokenPipeError):
        try:
            for unit in read(path, chars):
                units.append(unit)
                size += len(unit.raw)
                if len(units) >= _SENT or size >= _SENT_CHARS:
                    sender.send(units)
                    units, size = [], 0
            sender.send(units)
            sender.send(None)
        except UserError as error:
            sender.send(str(error))
        except MemoryError:
            units = []
            sender.send(
                f"{path} expands to more than {memory:,} bytes at once; write it with smaller row groups or batches."
            )


def _limit_memory(size: int) -> None:
    """Let this process take ``size`` bytes more than it has, where the system can hold it to that."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + size
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
