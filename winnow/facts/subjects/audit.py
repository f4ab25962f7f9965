"""A second opinion on the language of a share of the responses; the metrics say how often both agree."""

import numpy as np
import pyarrow as pa

from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.records.draw import sample
from winnow.records.meaning import column
from winnow.text import language


def audit(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return langdetect's vote on the responses of a share of the rows, sampled by a hash of seed and row id."""
    votes: list[str | None] = [None] * len(texts)
    rows = np.flatnonzero(sample(settings.seed, texts.row_id, "audit", settings.audit_share))
    chosen = language.prepared(texts.response).take(pa.array(rows))
    for row, text in zip(rows.tolist(), chosen.to_pylist(), strict=True):
        votes[row] = language.langdetect_vote(text)
    return {"audit_language": pa.array(votes, pa.string())}


SUBJECT = Subject(
    [
        column(
            "audit_language",
            pa.string(),
            "Language of the response by langdetect alone, on the share of rows that `annotate.audit_share` samples.",
            "ISO 639-1 code, or `und`",
            "langdetect (Nakatani 2010)",
        )
    ],
    audit,
)
