"""One run of one stage: staged outputs, a second look at the inputs, publication, the receipt.

DVC versions data and does not protect a run: it accepts partial files and records new input hashes with old outputs
when an input is edited while a stage works. So every output is written to a temporary folder, flushed to disk and
renamed into place; the inputs are looked at again before that; and a receipt keeps what went in and what came out.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from winnow.harness.digests import digests, files_below, fingerprints
from winnow.harness.errors import UserError
from winnow.harness.metrics import metrics_json, plot_csv, write_text

_TEMPORARY = Path("data/.tmp")


class Run:
    """What a stage reads and writes: :meth:`input` for declared dependencies, :meth:`folder` for its tables,
    :meth:`metrics` and :meth:`plot` for its numbers.
    """

    def __init__(self, name: str, deps: Sequence[str] = (), outs: Sequence[str] = ()) -> None:
        self.name, self.deps, self.outs = name, deps, outs
        self.staging = _TEMPORARY / f"{name}-{os.getpid()}"
        self.scratch = self.staging / "scratch"
        self.counts: dict[str, Any] = {}

    def input(self, path: str) -> Path:
        """Return ``path``, a dependency that ``dvc.yaml`` declares for this stage, or a path below one.

        Raises :class:`AssertionError` for any other: DVC would not run the stage again when it changes.
        """
        assert _below(path, self.deps), f"{path} is no dependency of the stage {self.name} in dvc.yaml"
        return Path(path)

    def folder(self, out: str) -> Path:
        """Return the staged twin of the output ``out``, which ``dvc.yaml`` declares, its parents made."""
        assert _below(out, self.outs), f"{out} is no output of the stage {self.name} in dvc.yaml"
        staged = self.staging / "out" / out
        staged.parent.mkdir(parents=True, exist_ok=True)
        return staged

    def metrics(self, metrics: Mapping[str, Any]) -> None:
        """Stage ``metrics/<stage>.json``: at most a dozen headline numbers."""
        self.counts = dict(metrics)
        write_text(self.folder(f"metrics/{self.name}.json"), metrics_json(metrics))

    def plot(self, plot: str, header: list[str], rows: list[list[Any]]) -> None:
        """Stage ``metrics/plots/<stage>/<plot>.csv``: the breakdown behind the headline numbers."""
        write_text(self.folder(f"metrics/plots/{self.name}/{plot}.csv"), plot_csv(header, rows))


def _below(path: str, declared: Sequence[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in declared)


def _declared(name: str) -> tuple[list[str], list[str]]:
    """Return the dependencies and outputs that ``dvc.yaml`` declares for the stage ``name``."""
    document = YAML(typ="safe").load(Path("dvc.yaml").read_text(encoding="utf-8"))
    stage = document["stages"][name]
    outs: list[str] = []
    for kind in ("outs", "metrics", "plots"):
        outs += [next(iter(entry)) if isinstance(entry, Mapping) else entry for entry in stage.get(kind, [])]
    return list(stage.get("deps", [])), outs


def _flush(path: Path) -> None:
    for file in files_below(path):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _publish(staged: Path, final: Path, old: Path) -> None:
    """Move a flushed file or folder into place; a reader sees the old or the new, never half of one.

    A folder cannot be replaced by one call, so an old one is first moved to ``old``, which goes with the staging.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.is_dir() and not final.is_symlink():
        os.replace(final, old)
    os.replace(staged, final)


@contextmanager
def running(name: str, settings: Mapping[str, Any]) -> Iterator[Run]:
    """Run the body of the stage ``name``; publish what it staged if it ends well and its inputs stood still.

    Reads the stage's ``deps`` and ``outs`` from ``dvc.yaml``, the one place that declares them. Raises
    :class:`UserError` when an input changed during the run, when a declared output is missing, or when the disk is
    full; nothing is published then.
    """
    deps, outs = _declared(name)
    _TEMPORARY.mkdir(parents=True, exist_ok=True)
    for leftover in _TEMPORARY.glob(f"{name}-*"):  # of a run that was killed; DVC lets only one run at a time
        shutil.rmtree(leftover, ignore_errors=True)
    run = Run(name, deps, outs)
    run.scratch.mkdir(parents=True)
    try:
        before = fingerprints(deps)
        inputs = digests(deps)
        yield run
        if (after := fingerprints(deps)) != before:
            changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
            raise UserError(
                f"{changed[0]} changed while stage {name} was running, so its result would belong to no version; "
                "nothing was published: run dvc repro again."
            )
        receipt = f"data/receipts/{name}.json"
        published = [out for out in outs if out != receipt]
        if missing := [out for out in published if not (run.staging / "out" / out).exists()]:
            raise UserError(f"stage {name} ended without writing {missing[0]}; this is a fault of the stage.")
        staged = run.staging / "out"
        outputs = {
            file.relative_to(staged).as_posix(): digest
            for out in published
            for file, digest in ((Path(p), d) for p, d in digests([str(staged / out)]).items())
        }
        document = {
            "stage": name,
            "settings": settings,
            "inputs": inputs,
            "outputs": outputs,
            "counts": run.counts,
        }
        text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
        write_text(run.folder(receipt), text)
        for out in [*published, receipt]:
            _flush(staged / out)
        for number, out in enumerate([*published, receipt]):
            _publish(staged / out, Path(out), run.staging / f"old-{number}")
    except OSError as error:
        if error.errno == 28:
            raise UserError(
                f"The disk is full: stage {name} could not finish and published nothing; free some space and run "
                "dvc repro again."
            ) from error
        raise
    finally:
        shutil.rmtree(run.staging, ignore_errors=True)
