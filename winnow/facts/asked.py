"""What kind of reply an instruction asks for: a text of some length, or whatever is right."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.lexicon import alternation, load, patterns, section
from winnow.facts.texts import Texts
from winnow.text.lengths import characters

FIELDS = [pa.field("asks_text", pa.bool_())]
_LOOKED_AT = 600  # characters of the instruction; what is asked stands at its start


def asked(texts: Texts) -> dict[str, pa.Array]:
    """Return for each row whether its instruction asks for a text, so that a reply of a word cannot do.

    ``winnow/facts/lexicon/asked.yaml`` says by which words: "Describe the taste of a lemon", but not "Describe the
    taste of a lemon in one word".
    """
    start = pc.utf8_slice_codeunits(texts.instruction, 0, _LOOKED_AT)
    asks = np.zeros(len(texts), bool)
    at = np.flatnonzero(_met(start, "text"))
    asks[at] = ~_met(start.take(pa.array(at)), "brief")
    return {"asks_text": pa.array(asks)}


def _met(texts: pa.Array, part: str) -> npt.NDArray[np.bool_]:
    by_language = section("asked", part, load("asked")[part], ("en", "zh"), ("en", "zh"))
    english = alternation(patterns("asked", f"{part}.en", by_language["en"]))
    chinese = alternation(patterns("asked", f"{part}.zh", by_language["zh"]))
    wide = characters(texts) != pc.binary_length(texts).to_numpy(zero_copy_only=False)
    found = pc.match_substring_regex(texts, english).to_numpy(zero_copy_only=False).copy()
    at = np.flatnonzero(wide)
    found[at] |= pc.match_substring_regex(texts.take(pa.array(at)), chinese).to_numpy(zero_copy_only=False)
    return found
