"""Limits of rules by row: a number, ``false`` for off, or a map from language to either."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from winnow.harness.options import OTHERS


def limits(setting: Any, languages: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Return the limit of each row by its language, NaN where the rule is off: NaN is neither above nor below.

    ``setting`` is one that :func:`~winnow.harness.options.limit_problem` finds nothing wrong with.

    >>> limits({"zh": 5, "default": False}, np.array(["zh", "en"], object)).tolist()
    [5.0, nan]
    """
    by_language = dict(setting) if isinstance(setting, Mapping) else {OTHERS: setting}
    of_row = np.full(len(languages), _number(by_language.pop(OTHERS)))
    for language, value in sorted(by_language.items()):
        of_row[languages == language] = _number(value)
    return of_row


def _number(value: Any) -> float:
    return float("nan") if value is False else float(value)
