"""Run ``winnow`` so that it kills itself at one of its writes: ``python -m tests.campaigns.killed PLAN ARGUMENT...``.

PLAN is JSON: ``moment``, the number of the write before which it is (0: never); ``delay``, seconds that pass between
that moment and the kill; ``count``, a file for the number of writes of a whole run; ``certificate``, that of the server
to download from.
"""

import atexit
import json
import os
import signal
import sys
import threading
from pathlib import Path

from tests.fetching.server import network
from winnow.cli.main import main

_CHANGES = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.copyfile", "shutil.move"),
    *("shutil.rmtree", "subprocess.Popen"),
}


def _is_write(event: str, arguments: tuple[object, ...]) -> bool:
    if event != "open":
        return event in _CHANGES
    path, flags = str(arguments[0]), arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR)) and "/dev/" not in path


def _kill() -> None:
    os.killpg(0, signal.SIGKILL)  # with the git that it may have started


def run(plan: dict[str, str | int | float], arguments: list[str]) -> None:
    """Run ``winnow`` with ``arguments`` and be killed as planned."""
    writes = 0

    def watch(event: str, values: tuple[object, ...]) -> None:
        nonlocal writes
        if not _is_write(event, values):
            return
        writes += 1
        if writes == plan["moment"]:
            delay = float(plan["delay"])
            if delay:
                threading.Timer(delay, _kill).start()
            else:
                _kill()

    sys.addaudithook(watch)
    if plan["count"]:
        atexit.register(lambda: Path(str(plan["count"])).write_text(str(writes), encoding="utf-8"))
    main(arguments, obj=network(Path(str(plan["certificate"]))) if plan["certificate"] else None)


if __name__ == "__main__":
    run(json.loads(sys.argv[1]), sys.argv[2:])
