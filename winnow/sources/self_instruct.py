"""Self-Instruct tasks: ``instruction`` with nested ``instances`` of ``input`` and ``output``.

So are Stanford Alpaca's and BELLE's seed tasks and the user-oriented tasks of the paper. Each instance is a raw unit
and a row of its own; its key is the task's id and the number of the instance, from 1, and the id is the ``group`` of
all its rows. Other fields of the task (``name``, ``is_classification``, ``motivation_app``) go with each of them;
fields of an instance beyond input and output stay under ``instances``. An empty ``input`` is no context.
"""

from collections.abc import Sequence
from typing import Any

from winnow.reading.adapter import (
    Adapter,
    Options,
    Unusable,
    expect,
    optional_text,
    own_id,
    per_unit,
    required,
    rest,
    share,
    text,
)
from winnow.reading.units import Unit
from winnow.records.record import Message, Record, canonical_json

_USED = frozenset({"id", "instruction", "instances"})
_USED_OF_INSTANCE = frozenset({"input", "output"})
_NUMBER = "\0number"  # of the instance in its task; no JSON that is read has such a key


def expand(unit: Unit) -> Sequence[Unit]:
    """Return a task as units of one instance each; their text is that of the task with this instance alone."""
    instances = unit.value.get("instances")
    if not isinstance(instances, list) or not instances:
        return (unit,)
    tasks = [{**unit.value, "instances": [one]} for one in instances]
    return [
        Unit(unit.file, unit.line, canonical_json(task), {**task, _NUMBER: number})
        for number, task in enumerate(tasks, 1)
    ]


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read a task with one instance, as :func:`expand` gives it."""
    instruction = text(value, "instruction")
    instances = required(value, "instances", list)
    if not instances:
        raise Unusable("no_instances", "the task has no instance")
    instance = expect(instances[0], dict, "an instance")
    context, output = optional_text(instance, "input"), text(instance, "output")
    task, about = own_id(value), rest(instance, _USED_OF_INSTANCE)
    return Record(
        messages=[Message("user", instruction), Message("assistant", output)],
        key_text=(instruction, context or "", output),
        key=None if task is None else f"{task}/{value[_NUMBER]}",
        context=context,
        group=task,
        metadata=rest(value, _USED | {_NUMBER}) | ({"instances": [about]} if about else {}),
    )


def _looks_like(value: dict[str, Any]) -> bool:
    return isinstance(value.get("instruction"), str) and isinstance(value.get("instances"), list)


ADAPTER = Adapter(
    summary="Self-Instruct: tasks with nested instances of input and output (seed tasks)",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
    expand=expand,
)
