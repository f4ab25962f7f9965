"""Settings of rules: a number, ``false`` for off, or a map from language to either."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

OTHERS = "default"
"""The key of a limit by language that stands for all languages that are not named."""


def checked(value: Any) -> str | None:
    """Return what is wrong with the setting of a limit, ``None`` where nothing is.

    >>> checked(20), checked(False), checked({"zh": 5, "default": False})
    (None, None, None)
    >>> checked({"zh": 5})
    "a map of languages needs 'default' for the others"
    >>> checked("20")
    "'20' is neither a number nor false"
    """
    if isinstance(value, Mapping):
        if OTHERS not in value:
            return f"a map of languages needs {OTHERS!r} for the others"
        return next((problem for one in value.values() if (problem := _checked_number(one))), None)
    return _checked_number(value)


def _checked_number(value: Any) -> str | None:
    if value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        return f"{value!r} is neither a number nor false"
    return None


def limits(setting: Any, languages: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Return the limit of each row by its language, NaN where the rule is off: NaN is neither above nor below.

    >>> limits({"zh": 5, "default": False}, np.array(["zh", "en"], object)).tolist()
    [5.0, nan]
    """
    by_language = dict(setting) if isinstance(setting, Mapping) else {OTHERS: setting}
    found = np.full(len(languages), _number(by_language.pop(OTHERS)))
    for language, value in sorted(by_language.items()):
        found[languages == language] = _number(value)
    return found


def _number(value: Any) -> float:
    return float("nan") if value is False else float(value)
