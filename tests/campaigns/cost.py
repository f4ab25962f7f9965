"""What a command costs: wall and CPU seconds, memory of its largest process and of all of them together."""

import os
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from tests.campaigns.clone import environment

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watched(NamedTuple):
    """Seconds by the clock and of CPU (workers included); megabytes of the largest process, and of all at one time."""

    wall: float
    cpu: float
    largest: float
    together: float


def _resident(pid: int) -> int:
    """Return the bytes that a process and all that it started hold; shared pages count once for each."""
    try:
        held = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has just ended
        return 0
    return held + sum(_resident(int(child)) for child in children)


def watched(folder: Path, *command: str) -> Watched:
    """Run ``command`` in ``folder`` and return what it cost; memory is looked at five times a second."""
    start, together = time.perf_counter(), 0
    with subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL) as process:
        while True:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            together = max(together, _resident(process.pid))
            time.sleep(0.2)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}.")
    wall = time.perf_counter() - start
    return Watched(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, together / 1e6)
