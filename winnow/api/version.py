"""One version of a dataset as tables: the working tree, or any Git revision without a checkout."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from winnow.api.tables import check_names, selected, values
from winnow.gates.chain import GATES
from winnow.harness.errors import UserError
from winnow.harness.processes import workers
from winnow.lineage.row import lineage
from winnow.lineage.search import search
from winnow.records.schema import DECISIONS, MIXES, SCORES, SPLITS
from winnow.storage.buckets import bucket_of
from winnow.versions.difference import Difference, difference
from winnow.versions.folder import top_folder
from winnow.versions.lines import INDEX
from winnow.versions.outputs import WORKSPACE, Outputs, outputs

FACTS = {
    "annotate": "data/annotate",
    "neighbours": "data/neighbours/links",
    "overlaps": "data/overlaps",
    "judge": "data/judge/facts",
}
"""The tables of facts by their stage."""

_JUDGED = ("row_id", "rubric", "criterion", "value", "label")
_DECISIONS = pa.unify_schemas([pa.schema([("gate", pa.string())]), DECISIONS, SCORES, SPLITS, MIXES])


def open(path: str | Path = ".", rev: str | None = None) -> "Version":
    """Return a version of the repository that holds the folder ``path``: its working tree, or the Git revision ``rev``,
    of which the data comes from DVC's cache or remote and nothing is checked out.

    >>> open(".").name
    'workspace'

    Raises :class:`~winnow.harness.errors.UserError` where there is no repository or no such revision; data that neither
    cache nor remote has is one when it is read.
    """
    return Version(outputs(rev or WORKSPACE, top_folder(Path(path).resolve())))


class Version:
    """One version of a dataset, its tables read as Arrow when they are asked for.

    Every method that returns a table takes ``columns`` (all where left out) and filters by name: the value that a
    column must have, or several of them. Text that is not asked for is not read, a filter by ``row_id`` reads only the
    files that can hold it, and :func:`winnow.to_pandas` makes a frame of any table.

    >>> version = open(".")
    >>> version.index(["row_id", "reason"], status="out").to_pylist()
    [{'row_id': 'made:3', 'reason': 'short_response'}, {'row_id': 'made:!0', 'reason': 'missing_field'}]
    """

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs

    def __repr__(self) -> str:
        return f"<winnow.Version {self.name} of {self._outputs.root}>"

    @property
    def name(self) -> str:
        """The revision, or ``workspace``."""
        return self._outputs.name

    @property
    def params(self) -> dict[str, Any]:
        """The settings: ``params.yaml`` of this version."""
        return self._outputs.params

    def index(self, columns: Sequence[str] | None = None, **where: Any) -> pa.Table:
        """Return every row and raw unit ever seen: ``status`` (in, out), ``stage`` and ``reason``, ``split``,
        ``repeats``.
        """
        return selected(self._outputs.file(INDEX), columns, where)

    def records(self, columns: Sequence[str] | None = None, **where: Any) -> pa.Table:
        """Return the clean records, in or out: ``messages``, ``system``, ``context``, ``rejected``, ``source``, ….

        >>> row = open(".").records(["messages"], row_id="made:1")["messages"][0].as_py()
        >>> [turn["content"] for turn in row]
        ['Why do cats purr?', 'They purr when they are content.']
        """
        return self._table("data/clean/records", columns, where)

    def left_out(self, columns: Sequence[str] | None = None, **where: Any) -> pa.Table:
        """Return the raw units that became no record: ``outcome`` (quarantined, skipped), ``reason``, ``detail``,
        ``file``, ``line``, ``raw``.
        """
        return self._table("data/normalize/left_out", columns, where)

    def edits(self, columns: Sequence[str] | None = None, **where: Any) -> pa.Table:
        """Return what patches and cleaning rules changed: ``row_id``, ``field``, ``rule``, ``before``, ``after``."""
        return self._table("data/clean/edits", columns, where)

    def facts(self, columns: Sequence[str] | None = None, *, stage: str | None = None, **where: Any) -> pa.Table:
        """Return one line of facts for each record: those of ``annotate``, and what models said of it as columns
        ``<rubric>.<criterion>``. ``stage`` asks for the table of one stage as it is: ``annotate``, ``neighbours``,
        ``overlaps`` (lines of pairs) or ``judge`` (lines of one criterion each).

        >>> open(".").facts(["row_id", "language", "response.overall"]).to_pylist()[0]
        {'row_id': 'made:1', 'language': 'en', 'response.overall': 8.0}
        """
        if stage is not None:
            if stage not in FACTS:
                raise UserError(f"{stage!r} is no stage of facts; there are {', '.join(FACTS)}.")
            return self._table(FACTS[stage], columns, where)
        measured = None if columns is None else list(dict.fromkeys(["row_id", *(n for n in columns if "." not in n)]))
        facts = self._table(FACTS["annotate"], measured, where)
        if columns is None or any("." in name for name in columns):
            facts = self._with_judgements(facts)
        check_names(columns or (), facts.column_names)
        return facts if columns is None else facts.select(list(columns))

    def decisions(self, columns: Sequence[str] | None = None, **where: Any) -> pa.Table:
        """Return the verdicts of all gates in their order, each on the rows that the gate before it kept: ``gate``,
        ``verdict``, ``reason``, ``value``, ``limit``, ``other_row_id``, ``detail``; ``score``, ``split`` and
        ``repeats`` of the gates that decide them.

        >>> open(".").decisions(["gate", "reason", "value", "limit"], verdict="drop").to_pylist()
        [{'gate': 'filter', 'reason': 'short_response', 'value': 1.0, 'limit': 2.0}]
        """
        check_names([*(columns or ()), *where], _DECISIONS.names)
        gates = values(where.pop("gate", GATES))
        tables = [_DECISIONS.empty_table()]
        for gate in GATES:
            folder = f"data/{gate}"
            if gate in gates and self._outputs.has(folder):
                names = pq.read_schema(self._outputs.part(folder, 0)).names
                if all(name in names for name in where):
                    table = self._table(folder, None, where)
                    tables.append(table.add_column(0, "gate", pa.repeat(gate, len(table))))
        decisions = pa.concat_tables(tables, promote_options="default")
        return decisions if columns is None else decisions.select(list(columns))

    def why(self, row_id: str) -> dict[str, Any]:
        """Return the whole way of a row, as ``winnow why --json`` prints it: places, record, patches, edits, facts,
        neighbours, overlaps, judgements, decisions and outcome.

        >>> open(".").why("made:3")["outcome"]
        {'status': 'out', 'stage': 'filter', 'reason': 'short_response'}
        """
        return lineage(self._outputs, row_id)

    def search(self, text: str) -> list[str]:
        """Return the ids of the records that hold ``text``, in any case, in any of their texts.

        >>> open(".").search("cats PURR")
        ['made:1']
        """
        return search(self._outputs, text)

    def diff(self, other: "Version", examples: int = 3) -> Difference:
        """Return what changed from this version to ``other``: its ``summary`` is what ``winnow diff --json`` prints,
        with up to ``examples`` rows of each change; its ``rows`` are all changed rows as a table.

        >>> open(".").diff(open(".")).summary["counts"]["unchanged"]
        2
        """
        return difference(self._outputs, other._outputs, examples)

    def _table(self, folder: str, columns: Sequence[str] | None, where: dict[str, Any]) -> pa.Table:
        if not self._outputs.has(folder):
            raise UserError(f"{self.name} has no {folder}; its pipeline never wrote it, or dvc repro is still to run.")
        buckets = list(range(self._outputs.buckets))
        if "row_id" in where:
            row_ids = values(where["row_id"])
            where = {**where, "row_id": row_ids}
            buckets = sorted({bucket_of(row_id, len(buckets)) for row_id in row_ids}) or [0]
        with ThreadPoolExecutor(workers()) as pool:
            files = [self._outputs.part(folder, bucket) for bucket in buckets]
            return pa.concat_tables(pool.map(lambda file: selected(file, columns, where), files))

    def _with_judgements(self, facts: pa.Table) -> pa.Table:
        """Return facts with what models said, turned from long to wide: numbers, or labels where those are verdicts."""
        if not self._outputs.has(FACTS["judge"]):
            return facts
        judged = self._table(FACTS["judge"], _JUDGED, {})
        criteria = judged.group_by(["rubric", "criterion"]).aggregate([]).to_pylist()
        for rubric, criterion in sorted((one["rubric"], one["criterion"]) for one in criteria):
            rows = judged.filter((pc.field("rubric") == rubric) & (pc.field("criterion") == criterion))
            verdicts = rows["label"] if rows["label"].null_count < len(rows) else rows["value"]
            at = pc.index_in(facts["row_id"], value_set=rows["row_id"].combine_chunks())
            facts = facts.append_column(f"{rubric}.{criterion}", verdicts.take(at))
        return facts
