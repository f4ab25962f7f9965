"""The work of the stage ``novelty``: facts of the rows that models wrote, from clean records and frozen rounds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.candidates.checks import CHECKS, Candidate
from winnow.candidates.reasoning import wrong_answer, wrong_step
from winnow.recipes.recipe import EVOLVED_FROM, Recipe
from winnow.recipes.rounds import Round, path_of, read_round
from winnow.records import views
from winnow.records.schema import CANDIDATES, CHECKED
from winnow.storage.buckets import bucket_of, read_bucket

NOVELTY = "novelty"
EVERY = {**CHECKS, "wrong_step": wrong_step, "wrong_answer": wrong_answer}
"""Every check of one candidate, by the name that recipes give it."""
_COLUMNS = ["row_id", "source", "group", "context", "messages", "metadata"]


@dataclass(frozen=True)
class Written:
    """A row that a model wrote: its texts, what the record says of its making, and the recipe that it was made by."""

    row_id: str
    family: str
    instruction: str
    input: str
    output: str
    about: Mapping[str, Any]
    recipe: Recipe
    language: str
    reasoning: str = ""

    @property
    def parent(self) -> str | None:
        """The row that this one was rewritten from, None where the operator writes a wholly new one."""
        if self.about.get("operator") in self.recipe.renews:
            return None
        return next((row for row, role in self.about["roles"].items() if role == EVOLVED_FROM), None)


def written(records: Path, sources: Sequence[str], plans: Path, buckets: int) -> list[Written]:
    """Return the rows of ``sources``, by round and id: the order in which they are accepted."""
    names = pa.array(sorted(sources), pa.string())
    rounds: dict[Path, Round] = {}
    found: list[Written] = []
    for bucket in range(buckets) if len(names) else ():
        table = read_bucket(records, bucket, _COLUMNS)
        table = table.filter(pc.is_in(table["source"], value_set=names))
        asked, replies = views.instruction(table).to_pylist(), views.response(table).to_pylist()
        thoughts = views.reasoning(table).to_pylist()
        rows = table.select(["row_id", "group", "context", "metadata"]).to_pylist()
        for row, instruction, output, thought in zip(rows, asked, replies, thoughts, strict=True):
            about = json.loads(row["metadata"])
            file = path_of(about["plan"], about["round"], plans)
            round_ = rounds[file] = rounds.get(file) or read_round(file)
            slot = round_.by_number[about["slot"]]
            family = row["group"] or row["row_id"]
            context = row["context"] or ""
            texts = instruction, context, output
            found.append(Written(row["row_id"], family, *texts, about, round_.recipe, slot.language, thought))
    return sorted(found, key=lambda one: (one.about["plan"], one.about["round"], one.row_id))


def candidates_table(rows: Sequence[Written]) -> pa.Table:
    """Return one line for each row that a model wrote (:data:`CANDIDATES`), sorted by id."""
    lines = [
        {
            "row_id": one.row_id,
            "plan": one.about["plan"],
            "method": one.recipe.name,
            "operator": one.about.get("operator"),
            "round": one.about["round"],
            "depth": one.about["depth"],
            "family": one.family,
        }
        for one in sorted(rows, key=lambda one: one.row_id)
    ]
    return pa.Table.from_pylist(lines, CANDIDATES)


def checked(rows: Sequence[Written], records: Path, buckets: int) -> pa.Table:
    """Return what the checks of each row's recipe measured (:data:`CHECKED`), sorted by row and check."""
    parents = _texts(records, {one.parent for one in rows if one.parent}, buckets)
    lines = [line for one in rows for line in _lines(one, parents)]
    return pa.Table.from_pylist(sorted(lines, key=lambda line: (line["row_id"], line["check"])), CHECKED)


def _lines(one: Written, parents: Mapping[str, tuple[str, str]]) -> Iterator[dict[str, Any]]:
    parent, parent_input = parents.get(one.parent or "", ("", ""))
    candidate = Candidate(
        one.instruction,
        one.input,
        one.output,
        one.language,
        one.about["depth"],
        parent,
        parent_input,
        one.recipe.leaks.get(one.language, ()),
        one.reasoning,
    )
    for name in one.recipe.checks:
        measured = EVERY[name](candidate) if name != NOVELTY else None
        if measured is not None:
            yield {"row_id": one.row_id, "check": name, "value": measured.value, "detail": measured.detail}


def _texts(records: Path, wanted: set[str | None], buckets: int) -> dict[str, tuple[str, str]]:
    """Return instruction and context of some rows, as they are clean."""
    by_bucket: dict[int, list[str]] = {}
    for row_id in wanted:
        if row_id:
            by_bucket.setdefault(bucket_of(row_id, buckets), []).append(row_id)
    found: dict[str, tuple[str, str]] = {}
    for bucket, ids in sorted(by_bucket.items()):
        table = read_bucket(records, bucket, ["row_id", "context", "messages"])
        table = table.filter(pc.is_in(table["row_id"], value_set=pa.array(sorted(ids), pa.string())))
        asked, context = views.instruction(table).to_pylist(), views.context(table).to_pylist()
        found |= dict(zip(table["row_id"].to_pylist(), zip(asked, context, strict=True), strict=True))
    return found
