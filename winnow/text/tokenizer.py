"""Exact token counts of a tokenizer that lies on disk. The package ``tokenizers`` is needed then, and only then."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.harness.errors import UserError


def exact_tokens(texts: pa.Array, path: str) -> pa.Array:
    """Return the number of tokens (int32) that the Hugging Face ``tokenizer.json`` at ``path`` makes of each text.

    Special tokens and chat templates do not count. A missing package or file, or one that is no tokenizer, is a
    :class:`UserError`.
    """
    encoded = _tokenizer(path).encode_batch_fast(texts.to_pylist(), add_special_tokens=False)
    return pa.array([len(one) for one in encoded], pa.int32())


@cache
def _tokenizer(path: str) -> Any:
    try:
        loader = import_module("tokenizers").Tokenizer
    except ImportError:
        raise UserError(
            "annotate.tokenizer_path is set but the package tokenizers is not installed; "
            "install winnow[tokenizer] or leave the setting empty."
        ) from None
    if not Path(path).is_file():
        raise UserError(f"annotate.tokenizer_path: there is no file {path}; give the path of a tokenizer.json.")
    try:
        tokenizer = loader.from_file(path)
    except Exception as error:  # the package raises plain Exception
        problem = " ".join(str(error).split())
        raise UserError(f"annotate.tokenizer_path: {path} is no tokenizer.json ({problem}); give another.") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
