"""Settings: a stage's group of ``params.yaml`` becomes the defaults of its Click options.

``params.yaml`` is read with ruamel (YAML 1.2, as DVC reads it). Every setting is a Click option, so ``python -m
stages.filter --help`` documents it and Click checks its type; a setting that the stage does not know is an error.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from winnow.harness.display import say
from winnow.harness.documents import read_map
from winnow.harness.errors import UserError
from winnow.harness.options import MAP, Setting
from winnow.harness.processes import die_with_parent, leave_pandas_unloaded
from winnow.harness.run import Run, running

PARAMS = Path("params.yaml")


def read_params() -> dict[str, Any]:
    """Return the whole of ``params.yaml``; a file that is missing or no YAML is a :class:`UserError`."""
    if not PARAMS.exists():
        raise UserError("There is no params.yaml here; run this in the top folder of a Winnow repository.")
    return read_map(PARAMS, empty="settings: it must be a map of groups")


def _from_file(name: str, shared: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what ``params.yaml`` says about the stage ``name``: the settings ``shared``, and its own group."""
    params = read_params()
    group = params.get(name) or {}
    if not isinstance(group, dict):
        raise UserError(f"params.yaml: {name} must be a map of settings, not {group!r}.")
    top = {one: params[one] for one in shared if one in SHARED and one in params}
    return {**top, **{one: _of_other(params, one) for one in shared if one not in SHARED}}, group


def _of_other(params: dict[str, Any], name: str) -> Any:
    """Return the setting ``group.key``, or the whole ``group``, of another stage."""
    value: Any = params
    for key in name.split("."):
        if not isinstance(value, dict) or key not in value:
            raise UserError(f"params.yaml: {name} is missing, and a later stage reads it too.")
        value = value[key]
    return value


def _checked(param: click.Parameter, value: Any) -> Any:
    """Return a default as Click may have it: Click takes null for a value, cuts 16.5 to 16 and takes true for 1."""
    if value is None and isinstance(param.type, Setting):
        return param.type.empty()
    if value is None:
        raise UserError(f"params.yaml: {param.name} has no value; give it one.")
    whole = isinstance(param.type, click.types.IntParamType)
    if whole and (isinstance(value, bool) or (isinstance(value, float) and not value.is_integer())):
        raise UserError(f"params.yaml: {param.name} is {value!r}; it must be a whole number.")
    return value


class _StageCommand(click.Command):
    """A Click command whose defaults come from its group of ``params.yaml`` and from shared top-level settings."""

    stage_name: str
    shared: tuple[str, ...]

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        text = PARAMS.read_bytes() if PARAMS.exists() else b""
        shared, group = _from_file(self.stage_name, self.shared)
        known = {param.name for param in self.params} - set(self.shared)
        if unknown := sorted(map(str, set(group) - known)):
            raise UserError(
                f"params.yaml: {self.stage_name}.{unknown[0]} is no setting of this stage; "
                f"it knows {', '.join(sorted(name for name in known if name))}."
            )
        values = shared | group
        defaults = {param.name: _checked(param, values[param.name]) for param in self.params if param.name in values}
        context = super().make_context(info_name, args, parent, default_map=defaults, **extra)
        context.obj = text, (shared, group)
        return context

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        try:
            return super().main(*args, standalone_mode=standalone_mode, **extra)  # type: ignore[call-overload]
        except UserError as error:
            if not standalone_mode:
                raise
            say(f"Error: {error}", err=True)
            sys.exit(1)


SHARED: dict[str, Callable[..., Any]] = {
    "buckets": click.option(
        "--buckets", type=click.IntRange(1, 999), required=True, help="Files that every table is cut into."
    ),
    "seed": click.option(
        "--seed", type=int, required=True, help="Seed of every sample; hashed with content, never order."
    ),
    "sources": click.option(
        "--sources", type=MAP, required=True, help="The sources by name: adapter, path, license of each."
    ),
}
"""Top-level settings of ``params.yaml`` that several stages read."""


def stage(name: str, *, shared: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], click.Command]:
    """Make a Click command of ``function(run, **settings)``: the script of the stage ``name``.

    ``shared`` names what the stage reads beside its own group, as ``dvc.yaml`` lists it: :data:`SHARED` settings, and
    settings of other stages. ``"neighbours.floor"`` is handed in as ``neighbours_floor``, a whole group by its name;
    they are no options here, since their own stage has checked them. The function gets a
    :class:`~winnow.harness.run.Run` to read and write through; what it stages is published when it returns.
    """
    others = [one for one in shared if one not in SHARED]

    def decorate(function: Callable[..., None]) -> click.Command:
        def callback(**options: Any) -> None:
            die_with_parent()
            leave_pandas_unloaded()
            text, before = click.get_current_context().obj
            foreign = {one: before[0][one] for one in others}
            with running(name, {**options, **foreign}) as run:
                function(run, **options, **{one.replace(".", "_"): value for one, value in foreign.items()})
                # DVC would record the new settings with the old result
                if PARAMS.read_bytes() != text and _from_file(name, shared) != before:
                    raise UserError(
                        f"params.yaml changed the settings of stage {name} while it was running; nothing was "
                        "published: run dvc repro again."
                    )

        for setting in reversed(shared):
            function = SHARED[setting](function) if setting in SHARED else function
        callback.__doc__ = function.__doc__
        callback.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        command = click.command(name, cls=_StageCommand, context_settings={"show_default": True})(callback)
        command.stage_name, command.shared = name, shared
        return command

    return decorate


__all__ = ["Run", "read_params", "stage"]
