"""Flags: signs that a row is no good example, each with a name of the field's own; gates say which of them drop.

What words tell stands in ``lexicon/flags.yaml``; what must be measured (echo, open code fences, languages) stands in
the modules beside this one, and the lexicon then says on which rows the measure counts.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.flags import echo, language
from winnow.facts.flags.rules import holds, matched, rules
from winnow.facts.texts import Texts

FIELDS = [
    pa.field("flags", pa.list_(pa.field("element", pa.string(), nullable=False)), nullable=False),
    pa.field("echo_share", pa.float64(), nullable=False),
]
MASK = npt.NDArray[np.bool_]


def meanings() -> dict[str, str]:
    """Return the flags there are, sorted, with what each means."""
    return {name: flag.meaning for name, flag in sorted(rules().items())}


def flags(texts: Texts) -> dict[str, pa.Array]:
    """Return for each row its ``flags`` (sorted names) and ``echo_share``.

    ``echo_share`` is the share (0 to 1) of token pairs that the response has in common with instruction or context,
    0 below ``echo.FLOOR``.
    """
    found = {name: holds(flag, texts) for name, flag in rules().items()}
    shares = echo.echo_shares(texts)
    found["echo"] &= echo.echoes(texts, shares)
    found["wrong_language"] = (found["wrong_language"] & language.differs(texts)) | language.disobeys(texts)
    found["truncated"] |= open_fence(texts.response)
    found["refusal_weak"] &= ~found["refusal"]
    return {"flags": _lists(found, len(texts)), "echo_share": pa.array(shares.max(axis=0))}


def open_fence(texts: pa.Array) -> MASK:
    r"""Tell which texts break off in a code fence.

    A text with an odd number of fences that ends in a sentence, or with the fence itself, has lost one elsewhere.

    >>> open_fence(pa.array(["```py\nx = (", "```py\nx = 1\n```", "x = 1\n```", "```x`` is short.", "text"])).tolist()
    [True, False, False, False, False]
    """
    fences = pc.count_substring(texts, "```").to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(fences % 2 == 1)
    found = np.zeros(len(texts), bool)
    found[rows] = ~matched(texts.take(pa.array(rows)), r"(?:[.!?。！？:：]|```)\s*$")
    return found


def _lists(found: dict[str, MASK], rows: int) -> pa.Array:
    names = sorted(found)
    marks = np.stack([found[name] for name in names], axis=1) if names else np.zeros((rows, 0), bool)
    bounds = np.zeros(rows + 1, np.int32)
    np.cumsum(marks.sum(axis=1), out=bounds[1:])
    values = pa.array(names, pa.string()).take(pa.array(np.nonzero(marks)[1]))
    return pa.ListArray.from_arrays(pa.array(bounds), values, type=FIELDS[0].type)
