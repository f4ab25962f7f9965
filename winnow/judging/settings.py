"""The group ``judge`` of ``params.yaml``: which rubrics, which model, how it samples, which rows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError
from winnow.judging.rubric import Rubric
from winnow.judging.rubric_file import FOLDER, load

ALIVE, ALL = "alive", "all"
JSON_SCHEMA, JSON_OBJECT_SCHEMA, JSON_OBJECT, TEXT = "json_schema", "json_object_schema", "json_object", "text"
FORMS = (JSON_SCHEMA, JSON_OBJECT_SCHEMA, JSON_OBJECT, TEXT)
"""How a verdict is asked for, from structured output to the last lines of plain text."""


@dataclass(frozen=True)
class Settings:
    """What decides the requests beside the rows; everything but ``answers_as`` is part of what is asked."""

    rubrics: tuple[Rubric, ...]
    model: str
    answers_as: str
    temperature: float
    max_tokens: int
    form: str
    samples: int
    extra: Mapping[str, Any]
    rows: str
    share: float
    max_chars: int
    seed: int


def settings(group: Mapping[str, Any], seed: int, folder: Path = FOLDER) -> Settings:
    """Return the settings that ``group`` gives, with the rubrics read from ``folder``; what cannot be is a
    :class:`UserError`.

    >>> settings({"rubrics": [], "model": ""} , 0).rubrics
    ()
    """
    listed = group.get("rubrics") or []
    if not isinstance(listed, list):
        raise UserError(f"params.yaml: judge.rubrics is {listed!r}; it must be a list of names.")
    rubrics = tuple(load(str(name), folder) for name in listed)
    names = [rubric.name for rubric in rubrics]
    if len(set(names)) != len(names):
        raise UserError("params.yaml: judge.rubrics names a rubric twice.")
    given = {
        one.name: _given(one.name, group[one.name]) for one in fields(Settings) if one.name in _DEFAULTS.keys() & group
    }
    found = Settings(**{**_DEFAULTS, **given, "rubrics": rubrics, "seed": seed})
    if rubrics and not found.model:
        raise UserError("params.yaml: judge.rubrics asks for a model, and judge.model is empty; name the model.")
    if found.samples > 1 and found.temperature == 0:
        raise UserError(
            "params.yaml: judge.samples is above 1 and judge.temperature is 0, so that all samples would say the same; "
            "set a temperature such as 0.7."
        )
    if clash := sorted({"messages", "model", "stream", "n"} & set(map(str, found.extra))):
        raise UserError(f"params.yaml: judge.extra may not hold {clash[0]}, which Winnow sets itself.")
    if found.samples > 1 and "seed" in found.extra:
        raise UserError("params.yaml: judge.extra sets one seed for all judge.samples; leave it out, each has its own.")
    return found


def _given(name: str, value: Any) -> Any:
    """Return a setting as the kind that its default is: YAML reads 0 where the stage has 0.0, and the keys of requests
    are digests of their JSON.
    """
    kind = type(_DEFAULTS[name])
    if value is None and kind is dict:
        return {}
    try:
        found = kind(value)
    except (TypeError, ValueError, OverflowError):
        found = None
    if value is None or (found != value and kind is not str):
        raise UserError(f"params.yaml: judge.{name} is {value!r}; see `python3 -m stages.judge --help`.")
    return found


_DEFAULTS: dict[str, Any] = {
    "model": "",
    "answers_as": "",
    "temperature": 0.0,
    "max_tokens": 1024,
    "form": JSON_SCHEMA,
    "samples": 1,
    "extra": {},
    "rows": ALIVE,
    "share": 1.0,
    "max_chars": 40_000,
}
