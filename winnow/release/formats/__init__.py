"""Release formats, one module each: ``EXTENSION``, ``KINDS``, ``fragment`` (one bucket) and ``join`` (all of them).

``fragment(table, path, left_out)`` returns the lines written and counts in ``left_out``, by reason, those that the
format has no place for: a row is never dropped without a word.
"""

from winnow.release.formats import (
    alpaca,
    kto,
    kto_llama_factory,
    messages,
    openai,
    openai_preference,
    parquet,
    preference,
    preference_llama_factory,
    sharegpt,
)

FORMATS = {
    "alpaca": alpaca,
    "kto": kto,
    "kto_llama_factory": kto_llama_factory,
    "messages": messages,
    "openai": openai,
    "openai_preference": openai_preference,
    "parquet": parquet,
    "preference": preference,
    "preference_llama_factory": preference_llama_factory,
    "sharegpt": sharegpt,
}
"""Every format by the name that ``export.formats`` uses; a format's folder has that name too."""
