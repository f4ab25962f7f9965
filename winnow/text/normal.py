"""Normalised text for keys and comparisons. It never reaches a release."""

import hashlib
from typing import Any

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
    lowered = folded(texts)
    spaced = pc.match_substring_regex(lowered, rf"  |^ | $|[{_SPACES}]").fill_null(False)
    some = lowered.filter(spaced)
    if len(some) == 0:
        return lowered
    # a space alone stays as it is: it stands between most words, and every match costs
    some = pc.replace_substring_regex(some, rf" [ {_SPACES}]+|[{_SPACES}][ {_SPACES}]*", " ")
    return pc.replace_with_mask(lowered, spaced, pc.utf8_trim_whitespace(some))


def folded(texts: pa.Array) -> pa.Array:
    """Return ``texts`` in compatibility form (NFKC) and lower case; null as null.

    >>> folded(pa.array(["Ｈｅｌｌｏ  É", None])).to_pylist()
    ['hello  é', None]
    """
    lowered = pc.utf8_lower(texts)
    wide = pc.invert(pc.string_is_ascii(texts)).fill_null(False)
    some = pc.utf8_lower(pc.utf8_normalize(texts.filter(wide), form="NFKC"))
    if len(some) == 0:
        return lowered
    marked = pc.match_substring_regex(some, r"\p{M}")
    if pc.any(marked).as_py():  # some letters compose with a mark only when they are small, such as t and a diaeresis
        some = pc.replace_with_mask(some, marked, pc.utf8_normalize(some.filter(marked), form="NFKC"))
    return pc.replace_with_mask(lowered, wide, some)


def compatible(texts: pa.Array) -> pa.Array:
    """Return ``texts`` in compatibility form (NFKC): full-width letters and signs become plain ones.

    >>> compatible(pa.array(["Ｈｅｌｌｏ"])).to_pylist()
    ['Hello']
    """
    wide = pc.invert(pc.string_is_ascii(texts)).fill_null(False)
    some = texts.filter(wide)
    return pc.replace_with_mask(texts, wide, pc.utf8_normalize(some, form="NFKC")) if len(some) else texts


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
