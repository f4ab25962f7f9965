"""The data files among those that a person names."""

from collections.abc import Sequence
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.reading.entries import is_data


def data_files(paths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return (file, place below the source's folder) for every data file of ``paths``, sorted; links are refused."""
    data = []
    for path in paths:
        if path.is_symlink():
            raise UserError(f"{path} is a link; name the file itself.")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.is_symlink():
                raise UserError(f"{file} is a link; only files themselves are copied.")
            if file.is_file() and is_data(file):
                data.append((_named(file), file.relative_to(path) if path.is_dir() else Path(file.name)))
    if not data:
        raise UserError(f"{paths[0]} holds no data file (JSON, JSON Lines, CSV, TSV, Parquet, Arrow, sheets).")
    places = [place for _, place in data]
    if twice := sorted(str(place) for place in set(places) if places.count(place) > 1):
        raise UserError(f"two of the files would be {twice[0]} in the source's folder; rename one.")
    return sorted(data, key=lambda pair: pair[1].as_posix())


def _named(file: Path) -> Path:
    """Return ``file``, whose name must be text, since places of records name it."""
    try:
        str(file).encode()
    except UnicodeEncodeError:
        raise UserError(f"the name {str(file)!a} is not UTF-8; rename the file.") from None
    return file
