"""A subject of facts: some columns of ``data/annotate``, each with its meaning, and the function that computes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from winnow.facts.texts import Texts


@dataclass(frozen=True)
class Settings:
    """What the facts depend on beside the text."""

    cjk_weight: float
    audit_share: float
    seed: int
    trust_source: bool = True
    tokenizer_path: str = ""
    tag_model: str = ""


@dataclass(frozen=True)
class Subject:
    """``compute`` returns one array for each of ``fields``, by name, with one value a row.

    Each module of ``winnow/facts/subjects`` has one, called ``SUBJECT``; nothing else lists its columns.
    """

    fields: Sequence[pa.Field]
    compute: Callable[[Texts, Settings], dict[str, pa.Array]]
