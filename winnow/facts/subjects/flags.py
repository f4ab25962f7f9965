"""Flags: signs that a row is no good example, under the names that the field uses; gates choose which of them drop.

What words show stands in ``lexicon/flags.yaml``; what must be measured (echo, open code fences, languages) is
computed here and in ``winnow/facts/flags``, and the lexicon then says on which rows the measure counts.
"""

import numpy as np
import pyarrow as pa

from winnow.facts.flags import echo, language
from winnow.facts.flags.broken import half_word, open_brackets, open_fence
from winnow.facts.flags.refusals import split
from winnow.facts.flags.rules import holds, rules
from winnow.facts.flags.translated import code_translated
from winnow.facts.proofs.wrong import verified_wrong
from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.records.meaning import column
from winnow.storage.types import Bools

_NAMES = pa.list_(pa.field("element", pa.string(), nullable=False))


def meanings() -> dict[str, str]:
    """Return the flags there are, sorted, with what each means."""
    return {name: flag.meaning for name, flag in sorted(rules().items())}


def flags(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return for each row its ``flags`` (sorted names) and ``echo_share``."""
    shares = echo.echo_shares(texts)
    measured = {"echo": echo.echoes(texts, shares), "wrong_language": language.differs(texts)}
    masks = {name: holds(flag, texts, measured.get(name)) for name, flag in rules().items()}
    masks["wrong_language"] |= language.disobeys(texts)
    masks["truncated"] |= open_fence(texts.response) | open_brackets(texts) | half_word(texts)
    masks["verified_wrong"] = verified_wrong(texts)
    masks["code_translated"] = code_translated(texts)
    opened = masks["refusal"]
    masks["refusal"], masks["refusal_safety"] = split(texts, opened)
    masks["refusal_weak"] = (masks["refusal_weak"] | opened) & ~masks["refusal"] & ~masks["refusal_safety"]
    return {"flags": _names(masks, len(texts)), "echo_share": pa.array(shares.max(axis=0))}


def _names(masks: dict[str, Bools], rows: int) -> pa.Array:
    """Return for each row the sorted names of the masks that hold for it."""
    names = sorted(masks)
    marks = np.stack([masks[name] for name in names], axis=1)
    bounds = np.zeros(rows + 1, np.int32)
    np.cumsum(marks.sum(axis=1), out=bounds[1:])
    values = pa.array(names, pa.string()).take(pa.array(np.nonzero(marks)[1]))
    return pa.ListArray.from_arrays(pa.array(bounds), values, type=_NAMES)


SUBJECT = Subject(
    [
        column(
            "flags",
            _NAMES,
            "Defects that rules see in the row, such as refusal, truncated or missing_input, sorted.",
            "list of labels",
            "winnow/facts/lexicon/flags.yaml",
            nullable=False,
        ),
        column(
            "echo_share",
            pa.float64(),
            "Share of the longer text's token pairs that response and instruction, or response and context, have in "
            f"common; 0 below {echo.FLOOR}.",
            "share, 0 to 1",
            nullable=False,
        ),
    ],
    flags,
)
