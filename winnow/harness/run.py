"""One run of one stage: staged outputs, a check of the inputs and the code, publication, the receipt.

DVC versions data and does not protect a run: it accepts partial files and records new input hashes with old outputs
when an input is edited while a stage works. So every output is written to a temporary folder beside its place, flushed
to disk and renamed into place; the inputs and the code are compared with their first state before that; and a receipt
keeps what went in and what came out.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from winnow.harness.code import difference, sources, units_among
from winnow.harness.digests import digests, file_md5, files_below, fingerprints
from winnow.harness.documents import parse_yaml
from winnow.harness.errors import UserError
from winnow.harness.links import refuse_links
from winnow.harness.metrics import metrics_json, plot_csv, write_text
from winnow.harness.processes import work_on

TEMPORARY = ".tmp"
"""The folder of runs, in ``data`` and beside every output: a rename cannot cross into another file system."""


class Run:
    """What a stage reads and writes: its declared dependencies, its tables, its numbers."""

    def __init__(self, name: str, deps: Sequence[str] = (), outs: Sequence[str] = ()) -> None:
        self.name, self.deps, self.outs = name, deps, outs
        self.scratch = Path("data") / TEMPORARY / f"{name}-{os.getpid()}" / "scratch"
        self.receipt = f"data/receipts/{name}.json"
        self.counts: dict[str, Any] = {}

    def input(self, path: str) -> Path:
        """Return ``path``, a dependency that ``dvc.yaml`` declares for this stage, or a path below one.

        Raises :class:`AssertionError` for any other: DVC would not run the stage again when it changes.
        """
        assert _below(path, self.deps), f"{path} is no dependency of the stage {self.name} in dvc.yaml"
        return Path(path)

    def folder(self, out: str) -> Path:
        """Return the staged twin of the output ``out``, which ``dvc.yaml`` declares, its parents made."""
        assert out in self.outs, f"{out} is no output of the stage {self.name} in dvc.yaml"
        return self.staged(out)

    def staged(self, out: str) -> Path:
        """Return where ``out`` is until it is published."""
        return staging(out, f"{self.name}-{os.getpid()}") / Path(out).name

    def metrics(self, metrics: Mapping[str, Any]) -> None:
        """Stage ``metrics/<stage>.json``: at most a dozen headline numbers."""
        self.counts = dict(metrics)
        write_text(self.folder(f"metrics/{self.name}.json"), metrics_json(metrics))

    def plot(self, plot: str, header: list[str], rows: list[list[Any]]) -> None:
        """Stage ``metrics/plots/<stage>/<plot>.csv``: the breakdown behind the headline numbers."""
        write_text(self.folder(f"metrics/plots/{self.name}/{plot}.csv"), plot_csv(header, rows))


def staging(out: str, run: str) -> Path:
    """Return the folder in which the run ``run`` (``<stage>-<process id>``) stages the output ``out``."""
    return Path(out).parent / TEMPORARY / run


def _below(path: str, declared: Sequence[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in declared)


def declared() -> dict[str, tuple[list[str], list[str]]]:
    """Return the dependencies and outputs that ``dvc.yaml`` declares, by stage."""
    document = parse_yaml(Path("dvc.yaml").read_text(encoding="utf-8"))
    stages = {}
    for name, stage in document["stages"].items():
        entries = [entry for kind in ("outs", "metrics", "plots") for entry in stage.get(kind, [])]
        outs = [next(iter(entry)) if isinstance(entry, Mapping) else entry for entry in entries]
        stages[name] = (list(stage.get("deps", [])), outs)
    return stages


class _Inputs:
    """What a stage read when it started: its dependencies, and the source of the code among them."""

    def __init__(self, name: str, deps: Sequence[str]) -> None:
        refuse_links(deps)
        units = units_among(deps)
        self._name = name
        self._paths = [*deps, *(path for unit in units for path in sources(unit))]
        self._fingerprints = fingerprints(self._paths)
        self.digests = digests(deps)
        self.size = sum(self._fingerprints[path][0] for path in self.digests)
        if problem := next(filter(None, map(difference, units)), None):
            raise UserError(
                f"{problem}, so DVC would record the result of stage {name} with other code than made it; nothing was "
                "run: run dvc repro --force code, then dvc repro."
            )

    def check_unchanged(self) -> None:
        """Raise :class:`UserError` if a file has changed since the stage started."""
        before, after = self._fingerprints, fingerprints(self._paths)
        if after != before:
            changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
            raise UserError(
                f"{changed[0]} changed while stage {self._name} was running, so its result would belong to no version; "
                "nothing was published: run dvc repro again."
            )


@contextmanager
def running(name: str, settings: Mapping[str, Any]) -> Iterator[Run]:
    """Run the body of the stage ``name``; publish what it staged if it ends well and its inputs did not change.

    Reads the stage's ``deps`` and ``outs`` from ``dvc.yaml``, the one place that declares them. Raises
    :class:`UserError` when the code is not what ``data/code`` lists, when an input or the code changed during the run,
    when a declared output is missing or cannot be put in its place, or when the disk is full; nothing is published
    then.
    """
    deps, outs = declared()[name]
    run = Run(name, deps, outs)
    folders = sorted({staging(out, run.scratch.parent.name) for out in outs} | {run.scratch.parent})
    try:
        _prepare(run, folders)
        inputs = _Inputs(name, deps)
        with work_on(inputs.size):
            yield run
        inputs.check_unchanged()
        _write_receipt(run, settings, inputs.digests)
        receipt_last = sorted(outs, key=lambda out: out == run.receipt)
        for out in receipt_last:
            _flush(run.staged(out))
        _publish([(run.staged(out), Path(out)) for out in receipt_last])
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UserError(
                f"The disk is full: stage {name} could not finish and published nothing; free some space and run "
                "dvc repro again."
            ) from error
        raise
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            if folder.parent != Path("data") / TEMPORARY:
                with suppress(OSError):  # which it is where it is not empty
                    folder.parent.rmdir()
                    folder.parent.parent.rmdir()


def _prepare(run: Run, folders: Sequence[Path]) -> None:
    """Make the folders of a run; :class:`UserError` where an output could not be put in its place at the end."""
    for out in run.outs:
        if os.path.ismount(out):
            problem = f"{out} is a mount point, so stage {run.name} cannot replace it as a whole; nothing was run"
            raise UserError(f"{problem}: mount {Path(out).parent} instead.")
    for folder in folders:
        for leftover in folder.parent.glob(
            f"{run.name}-*"
        ):  # of a run that was killed; DVC lets only one run at a time
            shutil.rmtree(leftover, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise
            place = folder.parent.parent
            raise UserError(
                f"{place} cannot be written ({error.strerror}), where stage {run.name} has an output; nothing was run."
            ) from error
    run.scratch.mkdir()


def _write_receipt(run: Run, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> None:
    """Stage ``data/receipts/<stage>.json``: settings, counts, and the MD5 of each file that went in and came out."""
    written = {out: run.staged(out) for out in run.outs if out != run.receipt}
    if missing := [out for out, staged in written.items() if not staged.exists()]:
        raise UserError(f"stage {run.name} ended without writing {missing[0]}; this is a fault of the stage.")
    outputs = {
        (Path(out) / file.relative_to(staged)).as_posix(): file_md5(file)
        for out, staged in written.items()
        for file in files_below(staged)
    }
    document = {
        "stage": run.name,
        "settings": settings,
        "inputs": inputs,
        "outputs": outputs,
        "counts": run.counts,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    write_text(run.folder(run.receipt), text)


def _flush(path: Path) -> None:
    for file in files_below(path):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _publish(moves: Sequence[tuple[Path, Path]]) -> None:
    """Rename flushed files and folders into place, each pair from the first to the second: all of them or none.

    A reader sees an old file or the new one. A folder cannot be replaced by one call: the old one is first moved into
    the staging folder, with which it goes.
    """
    done: list[tuple[Path, Path]] = []
    try:
        for staged, final in moves:
            done.append((staged, final))
            _set_aside(staged, final)
            os.replace(staged, final)
    except OSError as error:
        for staged, final in reversed(done):
            _put_back(staged, final)
        if error.errno == errno.ENOSPC:
            raise
        raise UserError(
            f"{done[-1][1]} could not be put in place ({error.strerror}); nothing was published, and the old outputs "
            "are as they were."
        ) from error


def _set_aside(staged: Path, final: Path) -> None:
    """Keep what is at ``final`` beside ``staged``; where links are possible, a file stays in its place until then."""
    if staged.is_file():
        with suppress(OSError):
            os.link(final, _old(staged), follow_symlinks=False)
            return
    if os.path.lexists(final):
        os.replace(final, _old(staged))


def _put_back(staged: Path, final: Path) -> None:
    """Undo one publication, as far as it came."""
    with suppress(OSError):
        if not os.path.lexists(staged):
            os.replace(final, staged)
        if os.path.lexists(_old(staged)):
            os.replace(_old(staged), final)


def _old(staged: Path) -> Path:
    """Return where the old output is kept until the new one, now at ``staged``, and all others are in place."""
    return staged.with_name(f"{staged.name}.old")
