"""Natural Instructions: one object per file (``Definition``, ``Instances``, examples), or flat rows.

The definition is the instruction, an instance's input its context, and the instance a raw unit of its own. Of several
outputs each is right: the first is the reply, the others stay in the metadata; a row for each would be one prompt many
times. Several definitions are the same in other words: the first is used, all are kept.

Positive and negative examples explain the task and are no instances: each is accounted for as skipped, the negative
ones being wrong on purpose. Other fields of the task (sources, categories, contributors) are in the metadata of each
row, and those of the instance are there under ``Instances``, as in the file.

Flat rows are ``definition`` with ``inputs`` and ``targets`` or ``input`` and ``output``, and other fields.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from winnow.reading.adapter import (
    Adapter,
    LeftOut,
    Options,
    Row,
    Unusable,
    expect,
    optional_text,
    own_id,
    rest,
    share,
    texts,
)
from winnow.reading.units import Unit
from winnow.records.record import Message, Record, canonical_json

_TASK = "\0task"  # what an instance carries of its file; no JSON that is read has such a key
_PART = "\0part"
_EXAMPLES = {"Positive Examples": "positive_example", "Negative Examples": "negative_example"}
_DETAIL = {
    "positive_example": "an example that explains the task, no instance of it",
    "negative_example": "an example of a wrong output",
}


def expand(unit: Unit) -> Sequence[Unit]:
    """Return the instances and examples of a task's file, each with the other fields of the task."""
    value = unit.value
    if not isinstance(value.get("Instances"), list) or not value["Instances"]:
        return (unit,)
    parts = {name: value[name] for name in ("Instances", *_EXAMPLES) if isinstance(value.get(name), list)}
    task = {name: content for name, content in value.items() if name not in parts}
    return [
        Unit(unit.file, unit.line, canonical_json(one), {_PART: one, _TASK: (_EXAMPLES.get(name), task)})
        for name, inside in parts.items()
        for one in inside
    ]


def _record(definition: str, value: dict[str, Any], input_name: str, output_name: str) -> tuple[Record, dict[str, Any]]:
    """Return the record of an instance or flat row, and what the row said beyond it."""
    context = optional_text(value, input_name)
    if value.get(output_name) == []:
        raise Unusable("no_output", f"{output_name!r} is an empty list")
    outputs = texts(value, output_name)
    record = Record(
        messages=[Message("user", definition), Message("assistant", outputs[0])],
        key_text=(definition, context or "", *outputs),
        key=own_id(value),
        context=context,
    )
    about = rest(value, frozenset({"id", input_name, output_name}))
    return record, about | ({output_name: outputs} if len(outputs) > 1 else {})


def _instance(value: Any, task: dict[str, Any]) -> Record:
    instance = expect(value, dict, "an instance")
    record, about = _record(texts(task, "Definition")[0], instance, "input", "output")
    record.metadata = _without_single(task, "Definition") | ({"Instances": [about]} if about else {})
    return record


def _without_single(value: dict[str, Any], name: str) -> dict[str, Any]:
    """Return ``value`` without its definition, unless there are several and only the first was used."""
    several = isinstance(value[name], list) and len(value[name]) > 1
    return {key: content for key, content in value.items() if key != name or several}


def _flat(value: dict[str, Any]) -> Record:
    if "Instances" in value:
        expect(value["Instances"], list, "'Instances'")
        raise Unusable("no_instances", "the file holds no instance of its task")
    definition = texts(value, "definition")[0]
    names = ("inputs", "targets") if "targets" in value else ("input", "output")
    record, about = _record(definition, value, *names)
    record.metadata = _without_single(about, "definition")
    return record


def read(units: Iterable[Unit], options: Options) -> Iterator[Row | LeftOut]:
    """Make one row of each instance or flat row; pass over the examples."""
    for unit in units:
        example, task = unit.value.get(_TASK, (None, None))
        if example is not None:
            yield LeftOut(unit, "skipped", example, _DETAIL[example])
            continue
        try:
            record = _flat(unit.value) if task is None else _instance(unit.value[_PART], task)
            yield Row(record, (unit,))
        except Unusable as error:
            yield LeftOut(unit, "quarantined", error.reason, error.detail)


def _looks_like(value: dict[str, Any]) -> bool:
    if {"Definition", "Instances"} <= value.keys():
        return True
    return "definition" in value and ({"inputs", "targets"} <= value.keys() or {"input", "output"} <= value.keys())


ADAPTER = Adapter(
    summary="Natural Instructions: a task per file (Definition, Instances) or flat rows with definition",
    read=read,
    sniff=lambda values: share(values, _looks_like),
    expand=expand,
)
