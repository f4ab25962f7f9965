"""Normalised text for keys and comparisons. It never reaches a release."""

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# what Unicode calls white space, but for the space itself
_SPACES = r"\t-\r\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"


def normalised(texts: pa.Array) -> pa.Array:
    """Return ``texts`` in compatibility form (NFKC), lower case, white space runs as one space, trimmed; null as null.

    For keys only: NFKC turns ``x²`` into ``x2`` and would change half of all Chinese answers.

    >>> normalised(pa.array(["Ｈｅｌｌｏ，\\n  World "])).to_pylist()
    ['hello, world']
    >>> normalised(pa.array([None, " É"])).to_pylist()
    [None, 'é']
    """
    lowered = pc.utf8_lower(compatible(texts))
    wide = np.flatnonzero(pc.invert(pc.string_is_ascii(lowered)).fill_null(False).to_numpy(zero_copy_only=False))
    if len(wide):  # some letters compose with a mark only when they are small, such as t and a diaeresis
        some = lowered.take(pa.array(wide))
        marked = pc.match_substring_regex(some, r"\p{M}")
        if pc.any(marked).as_py():
            mask = np.zeros(len(lowered), bool)
            mask[wide[marked.to_numpy(zero_copy_only=False)]] = True
            composed = pc.utf8_normalize(some.filter(marked), form="NFKC")
            lowered = pc.replace_with_mask(lowered, pa.array(mask), composed)
    spaced = pc.match_substring_regex(lowered, rf"  |^ | $|[{_SPACES}]")
    if pc.any(spaced).as_py():
        # a single space stays as it is, and most are single
        single = pc.replace_substring_regex(lowered, rf"[{_SPACES}][ {_SPACES}]*| [ {_SPACES}]+", " ")
        collapsed = pc.utf8_trim_whitespace(single)
        lowered = pc.if_else(spaced, collapsed, lowered)
    return lowered


def compatible(texts: pa.Array) -> pa.Array:
    """Return ``texts`` in compatibility form (NFKC): full-width letters and signs become plain ones.

    >>> compatible(pa.array(["Ｈｅｌｌｏ"])).to_pylist()
    ['Hello']
    """
    plain = pc.string_is_ascii(texts)
    if pc.all(plain).as_py():
        return texts
    return pc.if_else(plain, texts, pc.utf8_normalize(texts, form="NFKC"))


def text_keys(texts: pa.Array, *extra: Any) -> pa.Array:
    """Return a 128-bit digest (hex) of each text; with ``extra`` lists of the same length, of text and extras.

    >>> a, b = text_keys(pa.array(["a", "a"])).to_pylist()
    >>> a == b and len(a) == 32
    True
    """
    rows = zip(texts.to_pylist(), *extra, strict=True)
    return pa.array(
        [hashlib.blake2b("\x1f".join(row).encode(), digest_size=16).hexdigest() for row in rows], pa.string()
    )
