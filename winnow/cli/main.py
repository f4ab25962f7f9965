"""The ``winnow`` command: a group of small commands, each in a module of its own."""

import importlib
import os
from pathlib import Path

import click

from winnow.cli.paths import HERE
from winnow.harness.display import say
from winnow.harness.errors import InSentences
from winnow.harness.files import JOURNAL, recover
from winnow.versions.folder import top_folder

COMMANDS = (
    *("add", "ask", "diff", "fetch", "funnel", "grow", "patch"),
    *("release", "remove", "takedown", "train-tags", "validate", "verify", "why"),
)


class _Group(InSentences, click.Group):
    """Loads a command when it is asked for, and prints errors as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return importlib.import_module(f"winnow.cli.{name.replace('-', '_')}").main if name in COMMANDS else None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="winnow")
@click.pass_context
def main(context: click.Context) -> None:
    """Instruction-tuning data as code: add sources, and ask why a row is in or out. The pipeline is `dvc repro`."""
    context.meta[HERE] = Path.cwd()
    os.chdir(top_folder(Path.cwd()))
    _recover()


def _recover() -> None:
    """Complete or undo what a killed command left; this costs two look-ups of names where none did."""
    done = [recover()]
    if (JOURNAL / "release/begun.json").exists():
        from winnow.versions.release import recover_release

        done.append(recover_release())
    for one in filter(None, done):
        say(f"Note: {one}.", err=True)
