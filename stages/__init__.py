"""The pipeline's scripts, one a stage: ``python -m stages.NAME``, as ``dvc.yaml`` runs them."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def _owners(folder: Path) -> list[Path]:
    """Return the repository whose ``dvc exp run --temp`` or queue works in a copy below its ``.dvc/tmp``."""
    return [above.parents[1] for above in folder.parents if above.parts[-2:] == (".dvc", "tmp")]


def _enter_environment() -> None:
    """Start again inside ``.venv`` when a stage was started outside of any environment, or say what to do.

    ``dvc repro`` starts stages with the first ``python3`` of the path: without an activated environment that is the
    system's, which has none of the locked packages.
    """
    if find_spec("pyarrow") is not None:
        return
    for folder in (Path(), *_owners(Path.cwd())):
        inside = folder / ".venv/bin/python3"
        if inside.exists() and Path(sys.prefix) != inside.parent.parent.resolve():
            os.execv(inside, [str(inside), *sys.orig_argv[1:]])
    sys.exit("Error: Winnow's packages are not installed here; run `make setup`, then .venv/bin/dvc repro.")


if sys.argv[0] == "-m":  # Python is still looking for the script to run: an import by anything else changes nothing
    _enter_environment()
