"""The group ``judge`` of ``params.yaml``: rubrics and the form of verdicts, beside what every asking stage can set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import click

from winnow.harness.errors import UserError
from winnow.harness.options import LIST
from winnow.judging.prompt import response_format, system_message
from winnow.judging.rubric import Rubric
from winnow.judging.rubric_file import load
from winnow.replies import settings
from winnow.replies.folders import Locate
from winnow.replies.form import FORMS, JSON_SCHEMA
from winnow.replies.settings import knob

RUBRICS = "data/rubrics"
_FORMS = "Form of a verdict: structured output (two ways), any JSON object, or the last lines of plain text."


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """What decides the requests of the stage ``judge`` beside the rows."""

    rubrics: Sequence[Rubric] = knob([], LIST, "Files of data/rubrics by name; none: no model is asked.")
    form: str = knob(JSON_SCHEMA, click.Choice(FORMS), _FORMS)

    @property
    def asks(self) -> bool:
        """Whether anything is asked with these settings."""
        return bool(self.rubrics)

    @cached_property
    def by_name(self) -> Mapping[str, Rubric]:
        """The rubrics by name, sorted."""
        return {one.name: one for one in sorted(self.rubrics, key=lambda rubric: rubric.name)}

    @cached_property
    def system(self) -> Mapping[tuple[str, str], str]:
        """The system message of each rubric in each of its languages, the same for every row."""
        return {(one.name, said): system_message(one, said, self.form) for one in self.rubrics for said in one.task}

    @cached_property
    def shapes(self) -> Mapping[str, dict[str, Any] | None]:
        """The ``response_format`` of each rubric."""
        return {one.name: response_format(one, self.form) for one in self.rubrics}

    @classmethod
    def of(cls, stage: str, group: Mapping[str, Any], locate: Locate = Path, **made: Any) -> Self:
        """Return the settings that ``group`` holds, its rubrics read; see :meth:`winnow.replies.settings.Settings.of`.

        >>> Settings.of("judge", {"rubrics": [], "model": ""}).asks
        False
        """
        names = group.get("rubrics") or []
        if not isinstance(names, list):
            raise UserError(f"params.yaml: {stage}.rubrics is {names!r}; it must be a list of names.")
        if len(set(map(str, names))) != len(names):
            raise UserError(f"params.yaml: {stage}.rubrics names a rubric twice.")
        rubrics = tuple(load(str(name), locate(RUBRICS)) for name in names)
        return super().of(stage, group, locate, rubrics=rubrics, **made)

    def problem(self, stage: str) -> str | None:
        """Return what these settings contradict, as a sentence, or None."""
        if self.rubrics and not self.model:
            return f"{stage}.rubrics asks for a model, and {stage}.model is empty; name the model."
        return super().problem(stage)
