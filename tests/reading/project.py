"""A folder with params.yaml, dvc.yaml and raw files, in which the tests run the stage ``normalize``."""

import json
import shutil
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from stages.normalize import main
from tests.conftest import REPOSITORY
from winnow.storage.buckets import read_all

BUCKETS = 4
OUT = Path("data/normalize")


class Project:
    """A folder with params.yaml, dvc.yaml and raw files, and the working directory of the test."""

    def __init__(self) -> None:
        shutil.copy(REPOSITORY / "dvc.yaml", "dvc.yaml")
        self.params: dict[str, Any] = {
            "buckets": BUCKETS,
            "sources": {},
            "normalize": {"max_file_bytes": 1 << 24, "max_unit_chars": 1 << 20},
        }

    def source(self, name: str, files: dict[str, list[Any] | str], adapter: str = "alpaca", **keys: Any) -> None:
        """Write the files of a source (rows as JSON Lines, or text as it is) and its entry."""
        folder = Path("data/raw") / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file, rows in files.items():
            text = rows if isinstance(rows, str) else "".join(json.dumps(row) + "\n" for row in rows)
            (folder / file).write_text(text, encoding="utf-8")
        entry = {"adapter": adapter, "path": name, "license": "CC0-1.0", **keys}
        self.params["sources"][name] = {key: value for key, value in entry.items() if value is not None}

    def run(self, *arguments: str) -> Result:
        """Write params.yaml and run the stage in this process."""
        with Path("params.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(self.params, file)
        return CliRunner().invoke(main, arguments)

    def read(self, table: str = "records") -> list[dict[str, Any]]:
        """Run the stage, which must end well, and return the rows of one of its tables."""
        result = self.run()
        assert (result.exit_code, result.output) == (0, "")
        return rows_of(table)


def rows_of(table: str) -> list[dict[str, Any]]:
    return read_all(OUT / table, BUCKETS).to_pylist()


def bytes_below(*folders: str) -> dict[str, bytes]:
    return {
        file.as_posix(): file.read_bytes() for folder in folders for file in Path(folder).rglob("*") if file.is_file()
    }


def alpaca(number: int, **more: Any) -> dict[str, Any]:
    return {"instruction": f"Say {number}.", "input": "", "output": f"{number}", **more}


TREE: dict[str, Any] = {
    "prompt": {
        "message_id": "r",
        "text": "Hi",
        "role": "prompter",
        "replies": [
            {"message_id": "a", "text": "Hello", "role": "assistant", "rank": 0},
            {"message_id": "b", "text": "Go", "role": "assistant", "rank": 1},
            {"message_id": "c", "text": "?", "role": "assistant", "deleted": True},
        ],
    }
}
