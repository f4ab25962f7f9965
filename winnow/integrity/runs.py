"""Checks of runs: one that is still going on, and the leftovers of one that was killed."""

import os
import re
import shutil
from functools import partial
from pathlib import Path

from ruamel.yaml.error import YAMLError

from winnow.harness.run import declared, staging
from winnow.integrity.finding import Finding
from winnow.integrity.lock import RWLOCK, running_commands

STAGING = Path("data/.tmp")
_STAGE = re.compile(rb"(?:^|\0)-m\0stages\.(\w+)(?:\0|$)")
_OF_A_RUN = re.compile(r"([a-z_]+)-([0-9]+)")


def stage_processes() -> dict[int, str]:
    """Return the stages that run in this folder, workers included, by process id (Linux; elsewhere none is seen)."""
    stages = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            match = _STAGE.search((process / "cmdline").read_bytes())
            if match and (process / "cwd").samefile("."):
                stages[int(process.name)] = match[1].decode()
        except OSError:  # it ended, or it is another user's
            continue
    return stages


def running() -> list[Finding]:
    """Find a ``dvc`` command that is running here: unfinished outputs would look broken."""
    return [
        Finding("runs", f"`{command}` (process {pid}) is running here", "wait for its end, then verify again")
        for pid, command in sorted(running_commands().items())
        if _alive(pid) and _is(pid, command)
    ]


def ghosts() -> list[Finding]:
    """Find a killed ``dvc`` whose process id belongs to another program now: DVC would wait for that one's end."""
    return [
        Finding("locks", f"{RWLOCK} names process {pid}, which is not `{command}`", f"run `rm {RWLOCK}`", RWLOCK.unlink)
        for pid, command in sorted(running_commands().items())
        if _alive(pid) and not _is(pid, command)
    ]


def _is(pid: int, command: str) -> bool:
    """Return whether a process was started with the arguments of ``command``; true where that cannot be seen."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ").rstrip()
    except OSError:
        return True
    return arguments.endswith(command.partition(" ")[2])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def orphans() -> list[Finding]:
    """Find stages that outlived the ``dvc`` that started them; two writers would mix their outputs."""
    stages = stage_processes()
    if not stages:
        return []
    names, processes = ", ".join(sorted(set(stages.values()))), " ".join(map(str, sorted(stages)))
    return [Finding("runs", f"stage {names} runs here without dvc", f"run `kill {processes}`")]


def leftovers() -> list[Finding]:
    """Find staging folders of runs that were killed."""
    try:
        stages = declared()
    except (OSError, YAMLError, KeyError, TypeError, AttributeError):
        return []  # `dvc status` says what is wrong
    places = {staging(out, "x").parent for _, outs in stages.values() for out in outs} | {STAGING}
    findings = []
    for folder in sorted(folder for place in places for folder in place.glob("*")):
        match = _OF_A_RUN.fullmatch(folder.name)
        if match and match[1] in stages and folder.is_dir() and not _alive(int(match[2])):
            problem = f"{folder} is left of a run that was killed"
            findings.append(Finding("runs", problem, f"run `rm -r {folder}`", partial(shutil.rmtree, folder)))
    return findings
