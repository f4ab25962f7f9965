"""What kind of reply an instruction asks for: a text of some length, or whatever is right."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.lexicon import alternation, load, patterns, section
from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.records.meaning import YES_OR_NO, column
from winnow.storage.types import Bools
from winnow.text.columns import matches, not_ascii

_START = 600  # characters of the instruction; the request stands at its start


def asked(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return for each row whether its instruction asks for a text, so that a reply of a word cannot do.

    ``winnow/facts/lexicon/asked.yaml`` says by which words: "Describe the taste of a lemon", but not "Describe the
    taste of a lemon in one word".
    """
    start = pc.utf8_slice_codeunits(texts.instruction, 0, _START)
    asks = _asks(start, "text")
    rows = np.flatnonzero(asks)
    asks[rows] = ~_asks(start.take(pa.array(rows)), "brief")
    return {"asks_text": pa.array(asks)}


def _asks(texts: pa.Array, part: str) -> Bools:
    by_language = section("asked", part, load("asked")[part], ("en", "zh"), ("en", "zh"))
    english = alternation(patterns("asked", f"{part}.en", by_language["en"]))
    chinese = alternation(patterns("asked", f"{part}.zh", by_language["zh"]))
    asks = matches(texts, english)
    rows = not_ascii(texts)
    asks[rows] |= matches(texts.take(pa.array(rows)), chinese)
    return asks


SUBJECT = Subject(
    [
        column(
            "asks_text",
            pa.bool_(),
            "The instruction asks for a text (`Describe …`), so a reply of one word cannot be right.",
            YES_OR_NO,
            "winnow/facts/lexicon/asked.yaml",
        )
    ],
    asked,
)
