"""Instruction-tuning data as code: versions of a dataset, raw files, cleaning and checks, for a notebook or a program.

>>> import winnow
>>> winnow.clean("Tom &amp; Jerry donâ€™t rest.")
'Tom & Jerry don’t rest.'

``docs/library.md`` shows the rest on the demo data. Errors of the data or of its user are :class:`UserError`, one
sentence that says what to do. Importing this package imports nothing else until a name is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from winnow.api import (
        Difference,
        RawFiles,
        Report,
        UserError,
        Version,
        clean,
        edits,
        open,
        read,
        to_pandas,
        validate,
    )

__all__ = [
    "Difference",
    "RawFiles",
    "Report",
    "UserError",
    "Version",
    "clean",
    "edits",
    "open",
    "read",
    "to_pandas",
    "validate",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("winnow.api"), name)
    raise AttributeError(f"module 'winnow' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
