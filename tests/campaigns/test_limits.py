"""What the machine lacks is one sentence, and everything stays as it was; a bug shows itself."""

import errno
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from winnow.harness.errors import InSentences, UserError, sentence
from winnow.similarity.stored import StoredWriter
from winnow.similarity.vectors import VectorWriter

WINNOW = (sys.executable, "-c", "from winnow.cli.main import main; main()")
ROWS = json.dumps({"instruction": "Say something.", "input": "", "output": "Something."}) + "\n"
ADD = ("add", "mine", "rows.jsonl", "--license", "MIT")


def limited(kind: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (value, value))


def run(*arguments: str, before: Callable[[], None] | None = None, output: str = os.devnull, **variables: str) -> str:
    """Run ``winnow``, which must fail, and return what it says on stderr."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    with Path(output).open("w", encoding="utf-8") as out:
        done = subprocess.run(
            [*WINNOW, *arguments],
            env=environment,
            stdout=out,
            stderr=subprocess.PIPE,
            preexec_fn=before,
            check=False,
        )
    said = done.stderr.decode()
    assert done.returncode == 1, said
    assert said.count("\n") == 1, said
    return said


def content() -> dict[str, bytes]:
    files = [Path("params.yaml"), *(file for file in Path("data/raw").rglob("*") if file.is_file())]
    return {file.as_posix(): file.read_bytes() for file in files}


@pytest.mark.parametrize(("size", "words"), [(0, "ulimit -f"), (100, "ulimit -f"), (3_000, "nothing was changed")])
def test_a_source_that_does_not_fit_is_not_there(repository: Path, size: int, words: str) -> None:
    Path("rows.jsonl").write_text(ROWS * 100, encoding="utf-8")
    before = content()
    assert words in run(*ADD, before=limited(resource.RLIMIT_FSIZE, size))
    assert content() == before
    assert not list(Path("data").rglob("*.winnow-new"))


def test_a_name_or_a_text_of_another_encoding_is_a_sentence(repository: Path) -> None:
    before = content()
    os.mkdir(b"odd")
    Path(os.fsdecode(b"odd/na me's \n\xff.jsonl")).write_text(ROWS, encoding="utf-8")
    assert "Traceback" not in run(*ADD[:2], "odd", *ADD[3:])
    assert content() == before


def test_output_that_cannot_be_printed_is_a_sentence(repository: Path) -> None:
    assert "No space left on device" in run("add", "--presets", output="/dev/full")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "data/x"), "data/x: No space left on device; free some"),
        (PermissionError(errno.EACCES, "Permission denied", b"data/\xff"), r"'data/\udcff': Permission denied"),
        (MemoryError(), "memory ran out"),
        (UnicodeDecodeError("utf-8", b"caf\xe9", 3, 4, "invalid"), r"b'caf\xe9' is not utf-8 text"),
        (ImportError("x.so: failed to map segment from shared object"), "raise the limits"),
        (RuntimeError("can't start new thread"), "raise the limits"),
        (UserError("this is wrong."), "this is wrong."),
        (KeyboardInterrupt(), "stopped by hand"),
    ],
)
def test_faults_of_the_machine_are_sentences(error: BaseException, words: str) -> None:
    result = CliRunner().invoke(failing(error))
    assert words in result.stderr
    assert result.stderr.count("\n") <= 2  # a blank line follows Ctrl-C
    assert result.exit_code == (130 if isinstance(error, KeyboardInterrupt) else 1)


@pytest.mark.parametrize("error", [AssertionError("a"), TypeError("b"), KeyError("c"), RuntimeError("d")])
def test_a_bug_shows_its_traceback(error: Exception) -> None:
    assert sentence(error) is None
    result = CliRunner().invoke(failing(error))
    assert result.exception is error


def failing(error: BaseException) -> click.Command:
    def callback() -> None:
        raise error

    return InSentences("failing", callback=callback)


def test_a_short_write_of_scratch_is_seen(tmp_path: Path) -> None:
    for name in ("x-sizes-000", "x-bounds"):
        (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"), StoredWriter(tmp_path, "x", 0) as lists:
        lists.write(np.zeros(2, np.uint32), np.array([0, 2]))
    with pytest.raises(OSError, match="No space left"), VectorWriter(tmp_path, "x"):
        pass
