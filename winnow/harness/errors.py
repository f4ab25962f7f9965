"""Faults that a person can fix, as one sentence: those that Winnow finds, and those of the machine (disk, memory)."""

import errno
import os
import sys
from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, Any

import click

from winnow.harness.display import say

if TYPE_CHECKING:
    from collections.abc import Callable

_DO = {
    errno.ENOSPC: "free some space and run it again",
    errno.EDQUOT: "free some of your quota and run it again",
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`) and run it again",
    errno.EMFILE: "raise the limit on open files (`ulimit -n`) and run it again",
    errno.ENFILE: "close other programs and run it again",
    errno.ENOMEM: "free some memory, or run it again with WINNOW_WORKERS=1",
    errno.EAGAIN: "too many processes run; run it again with WINNOW_WORKERS=1",
    errno.EACCES: "change its permissions, or run it as its owner",
    errno.EPERM: "change its permissions, or run it as its owner",
    errno.EROFS: "mount the disk so that it can be written, and run it again",
    errno.EIO: "the disk may be failing: copy the data elsewhere",
    errno.ENAMETOOLONG: "give it a shorter name",
    errno.ENOENT: "put it there and run it again",
}
_MEMORY = "memory ran out; free some, or run it again with WINNOW_WORKERS=1"
_STARVED = (
    *(os.strerror(code) for code in (errno.ENOMEM, errno.EMFILE, errno.ENFILE)),
    *("failed to map segment", "can't start new thread"),
)
"""How a library that cannot be loaded, or a thread that cannot start, says what the machine lacks."""


class UserError(Exception):
    """A fault that the person at the keyboard can fix.

    The message says what happened, where (file, line, row) and what to do, in one sentence; the command line prints
    it without a traceback and exits with status 1.
    """


def sentence(error: BaseException) -> str | None:
    """Return what happened, where, and what to do, as one sentence; ``None`` for an error that is a bug.

    >>> sentence(OSError(errno.ENOSPC, "No space left on device", "data/x"))
    'data/x: No space left on device; free some space and run it again.'
    >>> sentence(KeyError("x")) is None
    True
    """
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"{_MEMORY}."
    if isinstance(error, BrokenExecutor):
        return "a worker process was killed, most often because memory ran out; run it again with WINNOW_WORKERS=1."
    if isinstance(error, UnicodeError):
        return _unicode(error)
    if isinstance(error, OSError):
        return _system(error)
    if isinstance(error, ImportError | RuntimeError | SystemError) and any(words in str(error) for words in _STARVED):
        return f"a library could not be loaded or a thread started ({_one_line(error)}); raise the limits of `ulimit`."
    return None


def _system(error: OSError) -> str:
    files = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    where = " and ".join(ascii(name) if not name.isprintable() else name for name in files)
    do = _DO.get(error.errno or 0, "nothing more is known")
    return f"{where or 'the output or a temporary file'}: {error.strerror or _one_line(error)}; {do}."


def _unicode(error: UnicodeError) -> str:
    if isinstance(error, UnicodeEncodeError):
        around = ascii(error.object[max(0, error.start - 40) : error.end + 20])
        if error.reason == "surrogates not allowed":
            return f"the name {around} is not UTF-8; rename the file and run it again."
        return f"{around} cannot be written as {error.encoding}; set PYTHONUTF8=1 and run it again."
    if isinstance(error, UnicodeDecodeError):
        data = error.object[max(0, error.start - 40) : error.end + 20]
        return f"{data!r} is not {error.encoding} text; save the file that holds it as UTF-8 and run it again."
    return f"a text has the wrong encoding ({_one_line(error)}); save it as UTF-8 and run it again."


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


class InSentences(click.Command):
    """A command that ends with a sentence and a status where the person or the machine is at fault.

    The status is 1, or 130 after Ctrl-C; a bug shows its traceback. Callers in the same process
    (``standalone_mode=False``) get the exceptions.
    """

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run the command and exit."""
        run: Callable[..., Any] = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        try:
            status = run(*args, standalone_mode=False, **extra)
        except click.ClickException as error:
            error.show()
            status = error.exit_code
        except click.Abort as error:
            stopped = isinstance(error.__cause__, KeyboardInterrupt)
            click.echo("Error: stopped by hand; run it again." if stopped else "Aborted!", err=True)
            status = 130 if stopped else 1
        except Exception as error:
            if (text := sentence(error)) is None:
                raise
            say(f"Error: {text}", err=True)
            sys.unraisablehook = lambda _: None  # half-made objects of libraries complain when they are taken away
            status = 1
        _let_go_of_output()
        sys.exit(status if isinstance(status, int) else 0)


def _let_go_of_output() -> None:
    """Drop what cannot be printed any more, which Python would complain about at its end."""
    if sys.stdout is None:  # closed by who started this
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
