"""Tags of a row: what kind of task it is, what it is about, how hard it is, in what form it is asked.

The closed lists of values are the labels of ``winnow/facts/lexicon/{task,domain,difficulty,form}.yaml``; the rules
and words there choose among them, alone or as what the learned tagger looks at.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from winnow.facts.subject import Settings, Subject
from winnow.facts.tags import features, model
from winnow.facts.tags.rules import Tagged, tagged
from winnow.facts.tags.sources import PARTS, stated
from winnow.facts.tags.views import Views
from winnow.facts.texts import Texts
from winnow.records.meaning import column
from winnow.storage.types import Labels

SOURCE, MODEL, RULES = "source", "model", "rules"  # where the task type comes from


def tags(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return the tags of each row, with confidences from 0 (no evidence, or a tie) to 1.

    With ``settings.trust_source`` a task type that the row's metadata states (``categories.yaml``) wins, with
    confidence 1; without, metadata is not looked at. Task, domain and difficulty are the learned tagger's
    (``settings.tag_model``, a file), or where there is none the lexicons'.
    """
    views = Views(texts)
    learned = model.load(Path(settings.tag_model)) if settings.tag_model else {}
    task = _by(learned, "task", features.task_evidence(views))
    task_from = np.full(len(texts), MODEL if "task" in learned else RULES, dtype=object)
    if settings.trust_source:
        by_source = stated(texts.metadata)
        known = by_source != None  # noqa: E711 - element by element
        task = Tagged(np.where(known, by_source, task.labels), np.where(known, 1.0, task.confidence))
        task_from[known] = SOURCE
    by_tag = {
        "task": task,
        "domain": _by(learned, "domain", features.domain_evidence(views, task.labels)),
        "difficulty": _by(learned, "difficulty", features.difficulty_evidence(views, task.labels)),
        "form": tagged("form", views, task.labels),
    }
    columns = {"task_from": _strings(task_from)}
    for name, (labels, confidence) in by_tag.items():
        columns[name] = _strings(labels)
        columns[f"{name}_confidence"] = pa.array(confidence, pa.float64())
    return columns


def _by(learned: dict[str, model.Linear], tag: str, evidence: features.Evidence) -> Tagged:
    """Return a tag by its model, or by its lexicon alone where there is none."""
    return model.decided(learned[tag], evidence) if tag in learned else evidence.lexicon


def _strings(values: Labels) -> pa.Array:
    return pa.array(values.tolist(), pa.string())


def _lexicon(name: str) -> str:
    learned = "the model of annotate.tag_model; " if name in PARTS else ""
    return f"{learned}winnow/facts/lexicon/{name}.yaml"


def _tag(name: str, meaning: str) -> pa.Field:
    return column(name, pa.string(), meaning, "label", _lexicon(name))


def _confidence(name: str) -> pa.Field:
    by_sums = "(best - second) / (best + doubt) of the labels' sums of weights, 0 on a tie"
    meaning = f"Confidence in `{name}`: {by_sums}."
    if name in PARTS:
        right = "share of answers with such a margin that were right on rows kept from training"
        meaning = f"Confidence in `{name}`: {right}; without a model {by_sums}."
    return column(f"{name}_confidence", pa.float64(), meaning, "confidence, 0 to 1", _lexicon(name))


SUBJECT = Subject(
    [
        _tag("task", "What kind of task the row is, such as open_qa, code or translation."),
        _confidence("task"),
        column(
            "task_from",
            pa.string(),
            "Where `task` comes from: the row's `source`, the learned `model`, or the `rules` alone.",
            "label",
        ),
        _tag("domain", "What the row is about, such as science.physics or daily.food."),
        _confidence("domain"),
        _tag("difficulty", "How hard the row is: simple_fact, analysis or complex."),
        _confidence("difficulty"),
        _tag("form", "In what form the row asks, such as direct_question or step_guided."),
        _confidence("form"),
    ],
    tags,
)
