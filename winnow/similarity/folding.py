"""Records whose Chinese is all simplified, for the comparison of rows alone."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.storage.types import U32, Bools
from winnow.text.codepoints import codepoints
from winnow.text.scripts import TRADITIONAL, simplified


def folded(table: pa.Table) -> tuple[pa.Table, Bools]:
    """Return records with traditional characters as simplified ones in every text, and which rows were traditional."""
    changed, han = np.zeros(len(table), np.int64), np.zeros(len(table), np.int64)
    for name in ("system", "context", "messages", "rejected"):
        column = table[name].combine_chunks()
        if column.null_count == len(column):
            continue
        new, counts = _folded(column)
        changed += counts[0]
        han += counts[1]
        table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), new)
    return table, changed > TRADITIONAL * han


def _folded(column: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Fold the texts of a column of texts or of turns; return it, and how many changed and are Han, by row."""
    if isinstance(column, pa.ListArray):
        edges = views.bounds(column)
        values, counts = _folded(pc.list_flatten(column))
        sums = np.concatenate((np.zeros((2, 1), np.int64), np.cumsum(counts, axis=1)), axis=1)[:, edges]
        return _lists(column, edges, values), np.diff(sums, axis=1)
    if isinstance(column, pa.StructArray):
        names = [column.type.field(n).name for n in range(column.type.num_fields)]
        fields = {name: pc.struct_field(column, name) for name in names}
        total = np.zeros((2, len(column)), np.int64)
        for name in {"content", "reasoning", "messages"} & set(names):
            fields[name], counts = _folded(fields[name])
            total += counts
        return pa.StructArray.from_arrays(list(fields.values()), fields=list(column.type)), total
    texts = column.fill_null("")
    points, bounds = codepoints(texts)
    new = simplified(points)
    each = np.stack([new != points, (points >= 0x3400) & (points < 0xA000)])
    sums = np.concatenate((np.zeros((2, 1), np.int64), np.cumsum(each, axis=1)), axis=1)[:, bounds]
    return pc.if_else(pc.is_valid(column), _texts(new, bounds), column), np.diff(sums, axis=1)


def _lists(column: pa.ListArray, edges: npt.NDArray[np.int64], values: pa.Array) -> pa.ListArray:
    missing = pc.is_null(column) if column.null_count else None
    return pa.ListArray.from_arrays(pa.array(edges, pa.int32()), values, type=column.type, mask=missing)


def _texts(points: U32, bounds: npt.NDArray[np.int64]) -> pa.Array:
    """Return code points laid end to end as a column of texts."""
    size = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
    ends = np.concatenate(([0], np.cumsum(size)))[bounds].astype(np.int32)
    data = points.astype("<u4").tobytes().decode("utf-32-le").encode()
    return pa.StringArray.from_buffers(len(bounds) - 1, pa.py_buffer(ends), pa.py_buffer(data))
