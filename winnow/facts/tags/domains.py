"""Domains by words: ``domain.yaml`` lists the terms of each; a row's terms vote for its domain.

Terms are compared as hashed tokens (a Latin word, a Chinese character), so a batch costs one table look-up a token,
however many terms there are. A term counts once a row and place, however often it is repeated.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from winnow.facts.lexicon import load, mistake, section, sentence
from winnow.facts.tags.rules import Tagged, decide, number, rules
from winnow.facts.texts import Texts
from winnow.storage.types import U64, Bools, Floats, Ints, Labels
from winnow.text.normal import normalised
from winnow.text.tokens import Tokens, hashed_tokens, mix

NAME = "domain"
PROMPT, REPLY = 400, 60  # first tokens of the prompt and of the response that vote
_BITS = np.uint64(64 - 18)  # first look: one byte for each value of a hash's first 18 bits
_NEXT = np.uint64(0xD6E8FEB86659FD93)
_WEIGHTS = {"en": 1.0, "zh": 1.0, "weak": 0.5}


class Terms(NamedTuple):
    """The terms of all domains, sorted by hash; a term of two domains stands twice."""

    labels: tuple[str, ...]
    fallback: str
    doubt: float
    least: float
    in_prompt: float
    by_task: dict[str, tuple[int, float]]
    hashes: U64
    domains: Ints
    weights: Floats
    opening: Bools  # by the first bits of a token: may a term begin with it?
    longest: int


def _folded(so_far: U64, token: U64) -> U64:
    return mix(so_far * _NEXT + token)


def _listed(document: Mapping[str, Any], labels: tuple[str, ...]) -> list[tuple[str, str, int, float]]:
    """Return each term with its entry in the lexicon, its domain and weight."""
    listed: list[tuple[str, str, int, float]] = []
    for domain, label in enumerate(labels):
        parts = section(NAME, f"labels.{label}", document["labels"][label] or {}, (*_WEIGHTS, "tasks"))
        for part, weight in _WEIGHTS.items():
            words = parts.get(part, [])
            if not isinstance(words, list):
                raise mistake(NAME, f"labels.{label}.{part}", "must be a list of words")
            for index, word in enumerate(words):
                entry = f"labels.{label}.{part}[{index}]"
                text = sentence(NAME, entry, word).strip()
                listed.append((entry, text, domain, weight))
                if text[-1].isascii() and text[-1].isalpha() and not text.endswith(("s", "x")):
                    plural = f"{text[:-1]}ies" if text.endswith("y") and text[-2:-1] not in "aeiou" else f"{text}s"
                    listed.append((entry, plural, domain, weight))
    return listed


def parse(document: Mapping[str, Any]) -> Terms:
    """Return the terms of a document; a mistake in it is a ``UserError`` that names the entry."""
    needed = ("fallback", "doubt", "least", "in_prompt", "labels")
    top = section(NAME, "the file", document, needed, needed)
    if not isinstance(top["labels"], Mapping) or top["fallback"] not in top["labels"]:
        raise mistake(NAME, "labels", "must be a map from each domain to its words, the fallback among them")
    labels = tuple(top["labels"])
    by_task = {}
    for domain, label in enumerate(labels):
        for task, weight in ((top["labels"][label] or {}).get("tasks") or {}).items():
            if task not in rules("task").labels:
                raise mistake(NAME, f"labels.{label}.tasks", f"names {task!r}, which is no task type")
            by_task[task] = (domain, number(NAME, f"labels.{label}.tasks.{task}", weight))
    listed = _listed(top, labels)
    tokens = hashed_tokens(normalised(pa.array([text for _, text, _, _ in listed], pa.string())))
    lengths = np.diff(tokens.bounds)
    votes: dict[tuple[int, int], float] = {}
    opening = np.zeros(1 << 18, bool)
    for row, (entry, text, domain, weight) in enumerate(listed):
        own = tokens.hashes[tokens.bounds[row] : tokens.bounds[row + 1]]
        if len(own) == 0 or (len(own) == 1 and not text.isascii() and len(text) == 1):
            raise mistake(NAME, entry, f"is {text!r}; a single character is met everywhere, write a longer term")
        opening[own[0] >> _BITS] = True
        total = own[:1]
        for token in own[1:]:
            total = _folded(total, np.array([token]))
        votes.setdefault((int(total[0]), domain), weight)
    order = sorted(votes)
    return Terms(
        labels=labels,
        fallback=top["fallback"],
        doubt=number(NAME, "doubt", top["doubt"]),
        least=number(NAME, "least", top["least"]),
        in_prompt=number(NAME, "in_prompt", top["in_prompt"]),
        by_task=by_task,
        hashes=np.array([value for value, _ in order], np.uint64),
        domains=np.array([domain for _, domain in order], np.int64),
        weights=np.array([votes[key] for key in order], np.float64),
        opening=opening,
        longest=int(lengths.max()),
    )


@cache
def terms() -> Terms:
    """Return the terms of ``winnow/facts/lexicon/domain.yaml``."""
    return parse(load(NAME))


def _votes(tokens: Tokens, limit: int, known: Terms, sums: Floats, factor: float) -> None:
    """Add to ``sums`` (row, domain) the weights of the terms that begin in a row's first ``limit`` tokens."""
    at = np.flatnonzero(known.opening[tokens.hashes >> _BITS])
    rows = np.searchsorted(tokens.bounds, at, side="right") - 1
    early = at - tokens.bounds[rows] < limit
    at, rows = at[early], rows[early]
    so_far, hits = tokens.hashes[at], []
    for length in range(1, known.longest + 1):
        first = np.searchsorted(known.hashes, so_far)
        met = np.flatnonzero(known.hashes[np.minimum(first, len(known.hashes) - 1)] == so_far)
        first = first[met]
        count = np.searchsorted(known.hashes, so_far[met], side="right") - first
        hits.append(np.repeat(rows[met] * len(known.hashes) + first, count) + _within(count))
        inside = at + length < tokens.bounds[rows + 1]
        at, rows, so_far = at[inside], rows[inside], so_far[inside]
        so_far = _folded(so_far, tokens.hashes[at + length])
    once = np.sort(np.concatenate(hits))  # numpy.unique hashes integers, at many times the cost
    once = once[np.append(True, once[1:] != once[:-1])[: len(once)]]
    row, term = np.divmod(once, len(known.hashes))
    cells = row * sums.shape[1] + known.domains[term]
    sums += factor * np.bincount(cells, known.weights[term], sums.size).reshape(sums.shape)


def _within(counts: Ints) -> Ints:
    """Return 0, 1, … up to each count: ``[2, 1]`` gives ``[0, 1, 0]``."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def sums(texts: Texts, tasks: Labels, known: Terms | None = None) -> Floats:
    """Return the sum of weights of each row for each domain: the prompt's terms count ``in_prompt`` times what the
    response's do.
    """
    known = known or terms()
    total = np.zeros((len(texts), len(known.labels)))
    _votes(texts.tokens("prompt"), PROMPT, known, total, known.in_prompt)
    _votes(texts.tokens("response"), REPLY, known, total, 1.0)
    for task, (domain, weight) in known.by_task.items():
        total[tasks == task, domain] += weight
    return total


def domains(texts: Texts, tasks: Labels, known: Terms | None = None) -> Tagged:
    """Return the domain of each row by the terms alone."""
    return decided(sums(texts, tasks, known), known)


def decided(total: Floats, known: Terms | None = None) -> Tagged:
    """Return the domain of each row by its :func:`sums`; a row without a sum of ``least`` has the fallback."""
    known = known or terms()
    enough = np.where(total.max(axis=1, initial=0.0)[:, None] < known.least, 0.0, total)
    return decide(enough, known.labels, known.fallback, known.doubt)
