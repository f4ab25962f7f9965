"""The one place that starts processes: ``map_buckets``."""

import ctypes
import gc
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TypeVar

from winnow.harness.errors import UserError

Task = TypeVar("Task")
Result = TypeVar("Result")
_PR_SET_PDEATHSIG = 1
_GC_THRESHOLD = 100_000  # objects; rows make no cycles, and looking for some every 700 objects costs a fifth


def workers() -> int:
    """Number of worker processes: ``WINNOW_WORKERS``, else the CPUs this process may use.

    It comes from the environment and never from ``params.yaml``, so that it changes no hash: every worker count
    gives the same bytes.
    """
    text = os.environ.get("WINNOW_WORKERS", "")
    if not text:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isdecimal() or int(text) < 1:
        raise UserError(f"WINNOW_WORKERS is {text!r}; set it to a whole number of processes, 1 or more.")
    return int(text)


def die_with_parent() -> None:
    """On Linux, ask the kernel to end this process when its parent ends, so that no orphan keeps writing."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    if _dvc_is_gone():
        os.kill(os.getpid(), signal.SIGKILL)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went between the two calls
        os.kill(os.getpid(), signal.SIGKILL)


def _dvc_is_gone() -> bool:
    """Say whether the ``dvc`` that started this stage was killed while the interpreter started.

    The kernel can tell of a parent only from :func:`die_with_parent` on; DVC's table of running commands still names
    the one that was to write the receipt of this stage.
    """
    stage = os.environ.get("DVC_STAGE")
    try:
        commands = json.loads(Path(".dvc/tmp/rwlock").read_text(encoding="utf-8"))["write"]
        os.kill(commands[os.path.abspath(f"data/receipts/{stage}.json")]["pid"], 0)
    except ProcessLookupError:
        return stage is not None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return False


def _start_worker() -> None:
    import pyarrow as pa

    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    pa.set_cpu_count(1)  # one process per core already; nested threads only add memory
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)


def map_buckets(function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """Yield ``function(task)`` for every task, in the order of the tasks, computed by :func:`workers` processes.

    ``function`` must be a module-level function (or a ``functools.partial`` of one) whose result depends on its task
    alone; then the answer is the same for every number of workers. With one worker, or one task, no process starts.

    >>> list(map_buckets(len, ["a", "bc"]))
    [1, 2]

    Raises :class:`UserError` when a worker is killed from outside, as the kernel does when memory runs out.
    """
    tasks = list(tasks)
    count = min(workers(), len(tasks))
    if count <= 1:
        yield from map(function, tasks)
        return
    # fork is cheap where it is safe: a stage's parent process runs no thread of its own.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=_start_worker) as pool:
        try:
            yield from pool.map(function, tasks)
        except BrokenProcessPool as error:
            raise UserError(
                "A worker process was killed, most often because memory ran out; run again with WINNOW_WORKERS=1."
            ) from error
