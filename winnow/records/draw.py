"""Seeded draws: which rows are sampled follows from seed, key and purpose alone, never from order or other rows."""

import hashlib
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys: TypeAlias = "pa.Array | pa.ChunkedArray | Sequence[str]"
Draws = npt.NDArray[np.uint64]

SALTS = {
    "split": (8, b""),
    "mix": (8, b""),
    "audit": (4, b""),
    "judge": (4, b"judge"),
    "ask": (4, b"ask"),
    "report": (8, b"report"),
    "diff": (8, b"diff"),
}
"""By purpose the bytes of a draw and the salt (BLAKE2b's personalisation); another salt would draw other rows."""


def draw(seed: int | None, keys: Keys, purpose: str) -> Draws:
    """Return one number per key, uniform over the bits of its purpose: a hash of ``seed`` (if any), key and salt.

    >>> one, two, again = draw(7, ["alpaca:1", "alpaca:2", "alpaca:1"], "mix")
    >>> one == again, one == two
    (np.True_, np.False_)
    """
    size, salt = SALTS[purpose]
    prefix = b"" if seed is None else f"{seed}:".encode()
    texts = keys.to_pylist() if isinstance(keys, pa.Array | pa.ChunkedArray) else keys
    hashes = [hashlib.blake2b(prefix + key.encode(), digest_size=size, person=salt).digest() for key in texts]
    return np.frombuffer(b"".join(hashes), f">u{size}").astype(np.uint64)


def sample(
    seed: int | None, keys: pa.Array | pa.ChunkedArray | Sequence[str], purpose: str, share: float
) -> npt.NDArray[np.bool_]:
    """Return a mask of a ``share`` (0 to 1) of the keys; a larger share holds the smaller one.

    >>> int(sample(0, [f"s:{n}" for n in range(10_000)], "judge", 0.1).sum())
    1009
    """
    if share >= 1:
        return np.ones(len(keys), bool)
    return draw(seed, keys, purpose) < np.uint64(int(share * 2 ** (8 * SALTS[purpose][0])))
