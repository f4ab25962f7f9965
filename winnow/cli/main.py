"""The ``winnow`` command: a group of small commands, each in a module of its own."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from winnow.harness.display import say
from winnow.harness.errors import UserError
from winnow.versions.folder import top_folder

COMMANDS = (
    *("add", "ask", "diff", "fetch", "funnel", "patch"),
    *("release", "remove", "takedown", "validate", "verify", "why"),
)


class _Group(click.Group):
    """Loads a command when it is asked for, finds the repository's top folder, and prints errors as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return importlib.import_module(f"winnow.cli.{name}").main if name in COMMANDS else None

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        try:
            return super().main(*args, standalone_mode=standalone_mode, **extra)  # type: ignore[call-overload]
        except UserError as error:
            if not standalone_mode:
                raise
            say(f"Error: {error}", err=True)
            sys.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="winnow")
def main() -> None:
    """Instruction-tuning data as code: add sources, and ask why a row is in or out. The pipeline is `dvc repro`."""
    os.chdir(top_folder(Path.cwd()))
