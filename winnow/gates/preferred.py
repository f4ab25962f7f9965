"""Which of several rows is preferred: stated facts first, then sources, then the smallest row_id."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.gates.decisions import sources_of
from winnow.harness.errors import UserError
from winnow.storage.buckets import each_bucket, part, positions

Values = npt.NDArray[np.float64]


def numeric_facts(folder: Path) -> list[str]:
    """Return the names of the facts in ``folder`` that rows can be ordered by, in the order of the facts."""
    from pyarrow.parquet import read_schema

    kinds = (pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean)
    return [field.name for field in read_schema(part(folder, 0)) if any(kind(field.type) for kind in kinds)]


def check_prefer(prefer: Sequence[str], folder: Path) -> list[str]:
    """Return the facts that ``prefer`` names, without signs; raises :class:`UserError` for one that is no number."""
    names = [str(one).removeprefix("-") for one in prefer]
    known = numeric_facts(folder) if names else []
    if unknown := [name for name in names if name not in known]:
        raise UserError(
            f"params.yaml: deduplicate.prefer names {unknown[0]!r}, which is no numeric fact; "
            f"known are {', '.join(known)}."
        )
    return names


def facts_of(row_ids: pa.Array, folder: Path | str, buckets: int, names: Sequence[str]) -> dict[str, pa.Array]:
    """Return the facts ``names`` of ``row_ids``, null for a row that has none."""
    tables = []
    for table in each_bucket(folder, buckets, ["row_id", *names]):
        tables.append(table.filter(pc.is_in(table["row_id"], value_set=row_ids)))
    facts = pa.concat_tables(tables).combine_chunks()
    at = positions(row_ids, facts["row_id"])
    rows = pa.array(at, mask=at < 0)
    return {name: facts[name].combine_chunks().take(rows) for name in names}


def numbers(column: pa.Array) -> Values:
    """Return a column of numbers or truth values as floats, NaN for null."""
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def preference(
    row_ids: pa.Array,
    facts: dict[str, pa.Array],
    prefer: Sequence[str],
    sources: Sequence[str],
    last: Collection[str] = (),
) -> npt.NDArray[np.int64]:
    """Return the rank of each of ``row_ids`` (sorted): the lowest is preferred.

    ``prefer`` names facts, the most important first: higher values are preferred, with a leading ``-`` lower ones, a
    row without a value comes last. Then come ``sources``, best first, then the order of the rows. Rows of the sources
    ``last`` come after all others, whatever else is preferred: a row that a model wrote never takes the place of the
    row that it was made from.

    >>> facts = {"rating": pa.array([None, 3.0, 3.0, 5.0])}
    >>> preference(pa.array(["a:1", "a:2", "b:1", "c:1"]), facts, ["rating"], ["b"]).tolist()
    [3, 2, 1, 0]
    """
    places = {source: place for place, source in enumerate(sources)}
    keys = [np.array([places.get(source, len(places)) for source in sources_of(row_ids)], np.float64)]
    for name in reversed(prefer):
        keys.append(-oriented(facts, name))  # NaN sorts last
    if last:
        keys.append(np.array([source in last for source in sources_of(row_ids)], np.float64))
    rank = np.empty(len(row_ids), np.int64)
    rank[np.lexsort((np.arange(len(row_ids)), *keys))] = np.arange(len(row_ids))
    return rank


def oriented(facts: dict[str, pa.Array], name: str) -> Values:
    """Return the fact of an entry of ``prefer`` so that higher is better."""
    return -numbers(facts[name[1:]]) if name.startswith("-") else numbers(facts[name])
