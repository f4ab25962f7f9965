"""Tags by weighted rules from a YAML file: each rule that holds adds its weight to its label; the largest sum wins.

The confidence is ``(best - second) / (best + doubt)``, where ``second`` is the runner-up's sum (at least 0) and
``doubt`` stands in the file: 0 on a tie, and nearer to 1 the more evidence stands alone. Where no label has a sum
above 0 the file's ``fallback`` is the tag, with confidence 0. Labels that tie are decided by their order in the file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from winnow.facts.lexicon import load, mistake, patterns, section
from winnow.facts.tags.views import PARTS, SHAPES, Views
from winnow.storage.types import Bools, Floats, Labels
from winnow.text.columns import matches, of_rows


@dataclass(frozen=True)
class Rule:
    """One rule: ``weight`` for ``label`` where the words are met and all conditions hold."""

    label: int
    where: str
    weight: float
    english: str | None
    chinese: str | None
    when: tuple[str, ...]
    unless: tuple[str, ...]
    tasks: tuple[str, ...]


class RuleFile(NamedTuple):
    """The labels of a rule file in its order, the fallback, the doubt, and the rules."""

    labels: tuple[str, ...]
    fallback: str
    doubt: float
    rules: tuple[Rule, ...]


class Tagged(NamedTuple):
    """One label and one confidence (0 to 1) a row."""

    labels: Labels
    confidence: Floats


def number(name: str, entry: str, value: object) -> float:
    """Return ``value`` if it is a number; ``entry`` names it in the error."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise mistake(name, entry, f"must be a number, not {value!r}")
    return float(value)


def _named(name: str, entry: str, value: object, known: Collection[str]) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise mistake(name, entry, "must be a list in brackets")
    for item in value:
        if item not in known:
            raise mistake(name, entry, f"names {item!r}; it may be {', '.join(sorted(known))}")
    return tuple(value)


_KEYS = ("where", "weight", "en", "zh", "when", "unless", "tasks")


def _rule(name: str, entry: str, value: object, label: int, tasks: Collection[str]) -> Rule:
    rule = section(name, entry, value, _KEYS, ("weight",))
    where = rule.get("where", "anywhere")
    if where not in PARTS:
        raise mistake(name, f"{entry}.where", f"is {where!r}; it may be {', '.join(sorted(PARTS))}")
    words = {}
    for code in ("en", "zh"):
        phrases = patterns(name, f"{entry}.{code}", rule[code]) if code in rule else []
        words[code] = f"(?i){PARTS[where][0]}(?:{'|'.join(phrases)})" if phrases else None
    when = _named(name, f"{entry}.when", rule.get("when", []), SHAPES)
    unless = _named(name, f"{entry}.unless", rule.get("unless", []), SHAPES)
    of_tasks = _named(name, f"{entry}.tasks", rule.get("tasks", []), tasks)
    if not (any(words.values()) or when or of_tasks):
        raise mistake(name, entry, "has no condition; give it en, zh, when or tasks")
    weight = number(name, f"{entry}.weight", rule["weight"])
    return Rule(label, where, weight, words["en"], words["zh"], when, unless, of_tasks)


def parse(name: str, document: Mapping[str, Any], tasks: Collection[str] = ()) -> RuleFile:
    """Return the rules in a document of the lexicon ``name``; a mistake in it is a ``UserError`` that names it.

    ``tasks`` are the task types that its rules may ask for.
    """
    top = section(
        name, "the file", document, ("openings", "fallback", "doubt", "labels"), ("fallback", "doubt", "labels")
    )
    if not isinstance(top["labels"], Mapping) or not top["labels"]:
        raise mistake(name, "labels", "must be a map from each label to its rules")
    labels = tuple(top["labels"])
    if top["fallback"] not in labels:
        raise mistake(name, "fallback", f"is {top['fallback']!r}, which is none of the labels")
    doubt = number(name, "doubt", top["doubt"])
    if doubt <= 0:
        raise mistake(name, "doubt", "must be above 0")
    rules = []
    for label, (word, entries) in enumerate(top["labels"].items()):
        if not isinstance(entries, list):
            raise mistake(name, f"labels.{word}", "must be a list of rules; [] for none")
        for index, value in enumerate(entries):
            rules.append(_rule(name, f"labels.{word}[{index}]", value, label, tasks))
    return RuleFile(labels, top["fallback"], doubt, tuple(rules))


@cache
def rules(name: str) -> RuleFile:
    """Return the rules of ``winnow/facts/lexicon/<name>.yaml``."""
    return parse(name, load(name), () if name == "task" else rules("task").labels)


def _met(rule: Rule, views: Views, among: Bools) -> Bools:
    """Return a mask of the rows ``among`` these with the words of ``rule``, which are all where it has none."""
    if rule.english is None and rule.chinese is None:
        return among
    texts = views.part(rule.where)
    met = np.zeros(len(texts), bool)
    if rule.english is not None:
        rows = np.flatnonzero(among)
        met[rows] = matches(of_rows(texts, rows), rule.english)
    if rule.chinese is not None:
        wide = views.wide(rule.where)
        wide = wide[among[wide]]
        met[wide] |= matches(texts.take(pa.array(wide)), rule.chinese)
    return met


def _holds(rule: Rule, views: Views, tasks: Labels | None) -> Bools:
    holds = np.ones(len(views.texts), bool)
    for shape in rule.when:
        holds &= views.shape(shape)
    for shape in rule.unless:
        holds &= ~views.shape(shape)
    if rule.tasks and tasks is not None:
        holds &= np.any([tasks == task for task in rule.tasks], axis=0)
    return _met(rule, views, holds) if holds.any() else holds


def scores(file: RuleFile, views: Views, tasks: Labels | None = None) -> Floats:
    """Return the sum of weights of each row (first axis) for each label (second)."""
    sums = np.zeros((len(views.texts), len(file.labels)))
    for rule in file.rules:
        sums[_holds(rule, views, tasks), rule.label] += rule.weight
    return sums


def decide(sums: Floats, labels: tuple[str, ...], fallback: str, doubt: float) -> Tagged:
    """Return the label with the largest sum of each row, and the confidence in it.

    >>> sums = np.array([[3.0, 0.0, 1.0], [2.0, 2.0, 0.0], [0.0, 0.0, -1.0]])
    >>> tagged = decide(sums, ("code", "chat", "other"), "other", 1.0)
    >>> tagged.labels.tolist(), tagged.confidence.tolist()
    (['code', 'code', 'other'], [0.5, 0.0, 0.0])
    """
    names = np.array(labels, dtype=object)
    if len(sums) == 0:
        return Tagged(np.zeros(0, object), np.zeros(0))
    best = sums.argmax(axis=1)
    top = sums[np.arange(len(sums)), best]
    second = np.maximum(np.partition(sums, -2, axis=1)[:, -2], 0.0) if sums.shape[1] > 1 else np.zeros(len(sums))
    sure: Floats = np.where(top > 0, (top - second) / (np.maximum(top, 0.0) + doubt), 0.0)
    return Tagged(np.where(top > 0, names[best], fallback), sure.round(3))


def tagged(name: str, views: Views, tasks: Labels | None = None) -> Tagged:
    """Return the label of each row by the rule file ``name``; ``tasks`` are the rows' task types, where it asks."""
    file = rules(name)
    return decide(scores(file, views, tasks), file.labels, file.fallback, file.doubt)
