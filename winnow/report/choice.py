"""Which rows, edits and units the page will show, before any text is read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from winnow.report.candidates import Pick
from winnow.report.clusters import Cluster, clusters
from winnow.report.picks import spread
from winnow.report.survey import Survey

Key = tuple[str, str]


@dataclass(frozen=True)
class Choice:
    """Examples by (gate, reason) or what else they are examples of."""

    units: dict[Key, list[tuple[int, int]]]  # by (outcome, reason)
    drops: dict[Key, list[Pick]]
    nearly: dict[Key, list[Pick]]  # of gates after filter more than are shown: the other row may be out
    kept: dict[Key, list[Pick]]
    edits: dict[str, list[tuple[int, int]]]  # by rule
    clusters: list[Cluster]
    sample: list[str]

    def row_ids(self) -> set[str]:
        """Return the rows whose beginning is shown."""
        groups = [*self.drops.items(), *self.nearly.items(), *self.kept.items()]
        ids = {pick.row_id for _, group in groups for pick in group}
        ids |= {pick.other for (gate, _), group in groups for pick in group if pick.other and gate != "decontaminate"}
        for cluster in self.clusters:
            ids |= {cluster.survivor, *(member for member, _, _ in cluster.members)}
        return ids


def choose(survey: Survey) -> Choice:
    """Choose the examples of every reason, rule and limit from the candidates, spread over the sources."""
    count = survey.examples
    edits = _spread(survey.edit_picks, count)
    return Choice(
        units={key: [tuple(place) for place in places] for key, places in _spread(survey.unit_picks, count).items()},
        drops=_spread(survey.drop_picks, count),
        nearly={
            (gate, reason): [item[-1] for item in (items[:count] if gate == "filter" else items)]
            for (gate, reason), items in sorted(survey.near_picks.items())
        },
        kept=_spread(survey.kept_picks, count),
        edits={rule: [tuple(place) for place in places] for (rule,), places in edits.items()},
        clusters=clusters(survey.duplicates, count),
        sample=[row_id for _, row_id in survey.sample],
    )


def _spread(picks: Mapping[Any, Sequence[tuple[Any, ...]]], count: int) -> dict[Any, list[Any]]:
    """Drop the source from the keys: (…, source) → items of all sources in turn."""
    grouped: dict[Any, dict[str, list[Any]]] = defaultdict(dict)
    for key, items in picks.items():
        grouped[key[:-1]][key[-1]] = [item[-1] for item in items]
    return {key: spread(by_source, count) for key, by_source in sorted(grouped.items())}
