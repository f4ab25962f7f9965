"""Paths that a person types: they count from the folder that the command is typed in, not from the top folder."""

import os
from pathlib import Path
from typing import Any

import click

HERE = "winnow.cli.here"
"""Where the context keeps the folder in which the command was typed; commands run in the top folder."""


class TypedPath(click.Path):
    """A :class:`click.Path` from the folder that the command is typed in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return ``value`` as a path from the top folder."""
        here = ctx.meta.get(HERE) if ctx else None
        if here is not None and here != Path.cwd() and not os.path.isabs(value):
            value = os.path.relpath(here / value)
        return super().convert(value, param, ctx)
