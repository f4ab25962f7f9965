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
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TypeVar

from winnow.harness.errors import UserError

Task = TypeVar("Task")
Result = TypeVar("Result")
_PR_SET_PDEATHSIG = 1
_GC_THRESHOLD = 100_000  # objects; rows make no cycles, and looking for some every 700 objects costs a fifth
_SMALL = 1 << 20  # bytes of input, worked through before a second process would have paid for its start
_input_is_small: ContextVar[bool] = ContextVar("_input_is_small", default=False)


@contextmanager
def work_on(size: int) -> Iterator[None]:
    """Do the work inside on an input of ``size`` bytes: on a small one in this process alone."""
    token, thresholds = _input_is_small.set(size < _SMALL), gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        _input_is_small.reset(token)


def workers() -> int:
    """Return the number of worker processes: ``WINNOW_WORKERS``, else 1 for a small input (:func:`work_on`), else the
    number of CPUs that this process may use.

    It comes from the environment and never from ``params.yaml``, so that it changes no hash: every worker count
    gives the same bytes.
    """
    text = os.environ.get("WINNOW_WORKERS", "")
    if not text:
        if _input_is_small.get():
            return 1
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isdecimal() or int(text) < 1:
        raise UserError(f"WINNOW_WORKERS is {text!r}; set it to a whole number of processes, 1 or more.")
    return int(text)


class _NoPandas:
    """A finder of modules that has Python say that there is no pandas."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def leave_pandas_unloaded() -> None:
    """Keep pyarrow from importing pandas (a fifth of a second) just to see that a value is no pandas object.

    pyarrow tries once in a process and remembers. Where pandas is loaded already nothing changes, so a script whose
    rooms use pandas imports it at its top; a test checks that.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([None])
    finally:
        sys.meta_path.remove(_NoPandas)


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
