"""Which rows, edits and units the page will show, before any text is read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from winnow.report.examples.clusters import Cluster, clusters
from winnow.report.survey.candidates import Decided, Place
from winnow.report.survey.sampling import spread
from winnow.report.survey.survey import Survey

Key = tuple[str, str]


@dataclass(frozen=True)
class Choice:
    """Examples, of rows by (gate, reason)."""

    units: dict[Key, list[Place]] = field(default_factory=dict)  # by (outcome, reason)
    dropped: dict[Key, list[Decided]] = field(default_factory=dict)
    near: dict[Key, list[Decided]] = field(default_factory=dict)  # after filter, more than are shown: see SPARE
    kept: dict[Key, list[Decided]] = field(default_factory=dict)
    edits: dict[tuple[str], list[Place]] = field(default_factory=dict)  # by rule
    clusters: list[Cluster] = field(default_factory=list)
    sample: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # by models, as the sample in full

    def row_ids(self) -> set[str]:
        """Return the rows whose beginning is shown."""
        groups = [*self.dropped.items(), *self.near.items(), *self.kept.items()]
        ids = {row.row_id for _, rows in groups for row in rows}
        ids |= {row.other for (gate, _), rows in groups for row in rows if row.other and gate != "decontaminate"}
        for cluster in self.clusters:
            ids |= {cluster.survivor, *(member for member, _, _ in cluster.members)}
        return ids


def choose(survey: Survey) -> Choice:
    """Choose the examples of every reason, rule and limit from the candidates, spread over the sources."""
    count = survey.examples
    near = {
        (gate, reason): [item for *_, item in (items[:count] if gate == "filter" else items)]
        for (gate, reason), items in sorted(survey.near.items())
    }
    return Choice(
        units=_spread(survey.unit_places, count),
        dropped=_spread(survey.dropped, count),
        near=near,
        kept=_spread(survey.kept, count),
        edits=_spread(survey.edit_places, count),
        clusters=clusters(survey.duplicates, count),
        sample=[row_id for _, row_id in survey.sample],
        written=[row_id for _, row_id in survey.written],
    )


def _spread(candidates: Mapping[Any, Sequence[tuple[Any, ...]]], count: int) -> dict[Any, list[Any]]:
    """Return up to ``count`` items by key without the source, its last part, from all sources in turn."""
    grouped: dict[Any, dict[str, list[Any]]] = defaultdict(dict)
    for (*key, source), items in candidates.items():
        grouped[tuple(key)][source] = [item for *_, item in items]
    return {key: spread(by_source, count) for key, by_source in sorted(grouped.items())}
