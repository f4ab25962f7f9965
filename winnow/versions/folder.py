"""Where a Winnow repository starts."""

from pathlib import Path

from winnow.harness.errors import UserError


def top_folder(start: Path) -> Path:
    """Return the nearest folder upwards of ``start`` that holds params.yaml and dvc.yaml."""
    for folder in (start, *start.parents):
        if (folder / "params.yaml").is_file() and (folder / "dvc.yaml").is_file():
            return folder
    raise UserError("This is no Winnow repository: no params.yaml and dvc.yaml here or above.")
