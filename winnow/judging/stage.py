"""The stage ``judge`` as a value: what it asks about a row, how it reads replies, its facts and numbers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from winnow.judging.canary import canaries
from winnow.judging.conclusion import DECIMALS, both_orders, concluded
from winnow.judging.render import COLUMNS, Asked, requests
from winnow.judging.rubric import COMPARISON, OVERALL, PREFERRED
from winnow.judging.settings import RUBRICS, Settings
from winnow.judging.verdict import Verdict, verdict
from winnow.records.schema import JUDGEMENTS
from winnow.replies.stage import Answer, Asking, Row, counted, usable

TAGS = ("task", "domain", "difficulty", "form")
"""Facts that rules state and that a rubric may ask a model for under the same name."""

Fact = tuple[Any, ...]
"""Rubric, criterion, value, label, spread, samples, pending, unusable: :data:`JUDGEMENTS` behind ``row_id``."""


def topics(settings: Settings) -> Sequence[str]:
    """Return the names of the rubrics, sorted."""
    return list(settings.by_name)


def read(settings: Settings, asked: Asked, reply: str) -> Verdict:
    """Return the verdict in a reply."""
    return verdict(reply, asked.rubric, settings.form)


def facts(settings: Settings, topic: str, answers: Sequence[Answer[Asked]]) -> Iterator[Fact]:
    """Yield the facts of one rubric on one row, sorted by criterion."""
    pending, unusable = counted(answers)
    for criterion, (values, label, votes) in sorted(concluded(settings.by_name[topic], usable(answers)).items()):
        value = round(sum(values) / len(values), DECIMALS) if values else None
        spread = round(max(votes or values) - min(votes or values), DECIMALS) if values else None
        yield topic, criterion, value, label, spread, len(values), pending, unusable


def tally(
    settings: Settings, row: Row, topic: str, answers: Sequence[Answer[Asked]], made: Sequence[Fact]
) -> Iterator[tuple[str, ...]]:
    """Yield what is counted: each value of a criterion, orders that disagree, tags of rules beside those of models."""
    for _, criterion, value, label, *_ in made:
        if label is not None or value is not None:
            yield "verdicts", topic, criterion, label if label is not None else f"{value:g}"
        if criterion in TAGS and label is not None:
            yield "tags", criterion, row[criterion], label
    if settings.by_name[topic].kind == COMPARISON:
        yield from (("disagree", topic) for first, second in both_orders(usable(answers)) if first != second)


def metrics(settings: Settings, sums: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    """Return mean scores by rubric, preferences, and how often rules and models agree on a tag."""
    means: dict[str, float] = {}
    for name in settings.by_name:
        scores = {float(key[3]): n for key, n in sums.items() if key[:3] == ("verdicts", name, OVERALL)}
        if scores:
            means[name] = sum(value * n for value, n in sorted(scores.items())) / sum(scores.values())
    preferred = {key[3]: n for key, n in sorted(sums.items()) if key[0] == "verdicts" and key[2] == PREFERRED}
    if preferred:
        preferred["orders_disagree"] = sum(n for key, n in sums.items() if key[0] == "disagree")
    agree: dict[str, float] = {}
    for tag in TAGS:
        pairs = {key[2:]: n for key, n in sums.items() if key[:2] == ("tags", tag)}
        if pairs:
            agree[tag] = sum(n for (rules, model), n in pairs.items() if rules == model) / sum(pairs.values())
    numbers = {"mean": means, "preferred": preferred, "tags_agree": agree}
    return {name: one for name, one in numbers.items() if one}


def advice(words: str) -> str | None:
    """Return what to change where a server does not know the form of verdicts.

    >>> advice("response_format.type json_schema is not supported")
    'Another form of replies may do: set judge.form to json_object_schema, json_object or text.'
    """
    if any(name in words for name in ("response_format", "json_schema", "guided", "grammar", "structured")):
        return "Another form of replies may do: set judge.form to json_object_schema, json_object or text."
    return None


JUDGE = Asking(
    name="judge",
    settings=Settings,
    columns=COLUMNS,
    annotations=("language", *TAGS),
    topics=topics,
    topic="rubric",
    requests=requests,
    read=read,
    facts=facts,
    schema=JUDGEMENTS,
    canaries=canaries,
    tally=tally,
    plots={"verdicts": ("rubric", "criterion", "value"), "tags": ("tag", "rules", "model")},
    metrics=metrics,
    written=(RUBRICS,),
    advice=advice,
    salt="judge",
)
