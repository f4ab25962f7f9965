"""Tags of a row: what kind of task it is, what it is about, how hard it is, in what form it is asked.

The closed lists of values are the labels of ``winnow/facts/lexicon/{task,domain,difficulty,form}.yaml``; the rules
and words that choose among them stand there too, for people to extend.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from winnow.facts.tags.domains import domains
from winnow.facts.tags.rules import Tagged, tagged
from winnow.facts.tags.sources import stated
from winnow.facts.tags.views import Views
from winnow.facts.texts import Texts

FIELDS = [
    pa.field("task", pa.string()),
    pa.field("task_confidence", pa.float64()),
    pa.field("task_from", pa.string()),
    pa.field("domain", pa.string()),
    pa.field("domain_confidence", pa.float64()),
    pa.field("difficulty", pa.string()),
    pa.field("difficulty_confidence", pa.float64()),
    pa.field("form", pa.string()),
    pa.field("form_confidence", pa.float64()),
]
SOURCE, RULES = "source", "rules"  # who says the task type


def tags(texts: Texts, trust_source: bool = True) -> dict[str, pa.Array]:
    """Return the tags of each row, with confidences from 0 (no evidence, or a tie) to 1.

    With ``trust_source`` a task type that the row's metadata states (``categories.yaml``) wins over the rules, with
    confidence 1; without, metadata is not looked at.
    """
    views = Views(texts)
    task = tagged("task", views)
    origin = np.full(len(texts), RULES, dtype=object)
    if trust_source:
        said = stated(texts.metadata)
        known = said != None  # noqa: E711 - element by element
        task = Tagged(np.where(known, said, task.labels), np.where(known, 1.0, task.confidence))
        origin[known] = SOURCE
    found = {
        "task": task,
        "domain": domains(texts, task.labels),
        "difficulty": tagged("difficulty", views, task.labels),
        "form": tagged("form", views, task.labels),
    }
    columns = {"task_from": _text(origin)}
    for name, (labels, confidence) in found.items():
        columns[name] = _text(labels)
        columns[f"{name}_confidence"] = pa.array(confidence, pa.float64())
    return {field.name: columns[field.name] for field in FIELDS}


def _text(values: npt.NDArray[np.object_]) -> pa.Array:
    return pa.array(values.tolist(), pa.string())
