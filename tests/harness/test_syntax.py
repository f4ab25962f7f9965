"""The digest of code: equal under every supported Python, blind to comments, and to nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from winnow.harness.syntax import code_digest

CODE = b"""
import os.path as path
from collections.abc import Callable

LIMITS: dict[str, float] = {"a": 1.5, **{}, "big": 10**40, "none": None}


@property
def first(self, *rows: int, key: Callable[..., bool] = lambda row: not row, **rest: object) -> str:
    match rows:
        case [1, *_] | {"a": None}:
            return f"{self!r:>{len(rows)}} {{}}" "and" f"{key = }{1:a{2}b}" rf"\\d{self:%Y-%m}"
    async def later():
        return [row async for row in self if row is not ... and -1 < row < 2j]
    try:
        yield from (b"\\xff", "\\ud800 \xe4\xb8\xad", first.__name__[::2])
    except* ValueError:
        raise
"""
DIGEST = "a277876ed06aa3fa713e41ebce3b0027"


def pythons() -> list[Path]:
    """Return the interpreters of supported versions on this machine that are not this one."""
    minors = [minor for minor in (11, 12, 13) if minor != sys.version_info.minor]
    on_path = [shutil.which(f"python3.{minor}") for minor in minors]
    of_pyenv = [next(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"), None) for minor in minors]
    return [Path(python) for python in (*of_pyenv, *on_path) if python]


def test_the_digest_is_this_one_under_every_python() -> None:
    assert code_digest(CODE) == DIGEST
    assert code_digest(b"") == "28872723b331201a7a5a20b21de84d70"


def test_other_pythons_give_the_same_digests_of_all_code() -> None:
    script = (
        "import pathlib, sys; from winnow.harness.syntax import code_digest; "
        "print(code_digest(sys.stdin.buffer.read()), sys.version_info[:2], "
        "[code_digest(file.read_bytes()) for file in sorted(pathlib.Path('winnow').rglob('*.py'))])"
    )

    def output(python: Path | str) -> tuple[str, str]:
        done = subprocess.run(
            [python, "-B", "-c", script], cwd=REPOSITORY, input=CODE, capture_output=True, check=False
        )
        words = done.stdout.decode().partition(" (3, ")
        return words[0], words[2].partition(")")[2]

    outputs = {python: output(python) for python in pythons()}
    started = {python: said for python, said in outputs.items() if said[0]}  # a shim of pyenv may start nothing
    if not started:
        pytest.skip("no other supported Python is on this machine")
    mine = output(sys.executable)
    assert mine[0] == DIGEST
    assert {python: said == mine for python, said in started.items()} == dict.fromkeys(started, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 1", "a = (1)  # one"),
        ("a = 1", "'A number.'\n\na = \\\n    1\n'''Its\n docstring.'''"),
        ("", "'''Only words.'''\n# and more"),
        ("def f():\n    return 1", "def f():\n\t'Do it.'\n\t'Again.'\n\n\treturn 1"),
        ("class A:\n    'One.'\n    x = 1", "class A:\n    x = 1"),
        ("a = u'x' 'y'", 'a = "xy"'),
        ("f'a{b}' 'c'", "f'''a{ b }c'''"),
        ("a = 0x10", "a = 1_6"),
    ],
)
def test_comments_layout_and_docstrings_change_nothing(one: str, other: str) -> None:
    assert code_digest(one.encode()) == code_digest(other.encode())


def test_what_changes_code_changes_the_digest() -> None:
    variants = [
        "a = 1", "a = 1.0", "a = True", "a = '1'", "a = b'1'", "a = 1j", "a = None", "a = ...", "a = -1", "b = 1",
        "a: int = 1",
        "a = ''", "a = 'None'", "a = []", "a = ()", "a = [None]", "a = f''", "a = f'{b}'", "a = f'{b!r}'",
        "a = f'{b:}'",
        "a = f'{b:c}'", "a = f'b'", "a = '\\ud800'", "a = '?'", "a += 1", "a == 1", "a", "",
        "def a(): return", "async def a(): return", "def a(*, b): return", "def a(b, /): return", "def a(b=1): return",
        "def a() -> 1: return", "@b\ndef a(): return", "lambda: 1", "x[a:b]", "x[a, b]", "x[:a]", "x[a:]", "x[::a]",
        "{**a}", "{None: a}", "f(*a)", "f(**a)", "f(a)", "f(a=a)", "if a: b", "if a: b\nelse: b", "while a: b",
        "from . import a", "from .. import a", "from a import b", "import a as b", "import a", "from a import b as a",
        "[a for a in b]", "{a for a in b}", "(a for a in b)", "[a for a in b if a]", "[a async for a in b]",
        "try: a\nfinally: b", "try: a\nexcept b: b", "try: a\nexcept: b", "try: a\nexcept* b: b",
        "with a: b", "with a as b: b",
    ]  # fmt: skip
    digests = {code_digest(variant.encode()): variant for variant in variants}
    assert set(variants) - set(digests.values()) == set()


@pytest.mark.parametrize("source", [b"a = (", b"a = \x00", b"\xff"])
def test_what_is_no_python_is_an_error(source: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        code_digest(source)
