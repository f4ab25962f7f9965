"""Whether a reply meets the constraints that its prompt was given by a method, checked anew on the clean text."""

import json

import numpy as np
import pyarrow as pa

from winnow.constraints.check import carried, met
from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.records.meaning import column
from winnow.text.columns import matches


def constraints(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return for each row how many constraints its metadata has, and the share of them that the reply meets."""
    rows = np.flatnonzero(matches(texts.metadata, '"constraints":'))
    at = pa.array(rows)
    found = [carried(json.loads(text)) for text in texts.metadata.take(at).to_pylist()]
    replies = texts.response.take(at).to_pylist()
    flat = [(row, reply, one) for row, reply, some in zip(rows, replies, found, strict=True) for one in some]
    good = met([reply for _, reply, _ in flat], [one for *_, one in flat])
    count, kept = np.zeros(len(texts), np.int32), np.zeros(len(texts), np.int32)
    of = np.array([row for row, *_ in flat], np.int64)
    np.add.at(count, of, 1)
    np.add.at(kept, of[good], 1)
    none = count == 0
    share = np.round(kept / np.maximum(count, 1), 4)
    return {"constraints": pa.array(count, mask=none), "constraints_met": pa.array(share, mask=none)}


SUBJECT = Subject(
    [
        column(
            "constraints",
            pa.int32(),
            "Constraints that a method wrote into the prompt, each of which a program checks.",
            "constraints",
            "the files of data/constraints; IFEval (Zhou et al. 2023)",
        ),
        column(
            "constraints_met",
            pa.float64(),
            "Share of these constraints that the reply meets, by every usual way of counting.",
            "share, 0 to 1",
            "winnow/constraints",
        ),
    ],
    constraints,
)
