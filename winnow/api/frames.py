"""Arrow tables as pandas frames."""

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd


def to_pandas(table: pa.Table) -> "pd.DataFrame":
    """Return a table as a frame of Arrow's own types: whole numbers and truth values stay so beside nulls, lists and
    structs stay typed, and texts are not copied.

    >>> to_pandas(pa.table({"repeats": pa.array([2, None], pa.int32())})).dtypes.to_dict()
    {'repeats': int32[pyarrow]}
    """
    import pandas as pd

    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame
