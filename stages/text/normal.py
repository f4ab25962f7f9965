"""Normalised text for keys and comparisons. It never reaches a release."""

import hashlib
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def normalised(texts: pa.Array) -> pa.Array:
    """Return ``texts`` in compatibility form (NFKC), lower case, white space runs as one space, trimmed.

    For keys only: NFKC turns ``x²`` into ``x2`` and would change half of all Chinese answers.

    >>> normalised(pa.array(["Ｈｅｌｌｏ，\\n  World "])).to_pylist()
    ['hello, world']
    """
    plain = pc.string_is_ascii(texts)
    if not pc.all(plain).as_py():
        texts = pc.if_else(plain, texts, pc.utf8_normalize(texts, form="NFKC"))
    lowered = pc.utf8_lower(texts)
    spaced = pc.match_substring_regex(lowered, r"[\s\v]{2,}|[^\S ]|^ | $|\p{Z}{2,}|[\x{a0}\x{3000}]")
    if pc.any(spaced).as_py():
        collapsed = pc.utf8_trim_whitespace(pc.replace_substring_regex(lowered, r"[\s\v\p{Z}]+", " "))
        lowered = pc.if_else(spaced, collapsed, lowered)
    return lowered


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
