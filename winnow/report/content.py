"""What stands on the page: the survey and the texts, arranged section by section for the template."""

from collections.abc import Mapping
from typing import Any

from winnow.gates.splitting import SPLITS
from winnow.report import clusters, coverage, overview, reasons, tongues, values, words
from winnow.report.choice import Choice
from winnow.report.cube import totals
from winnow.report.given import Given
from winnow.report.numbers import ranked
from winnow.report.remarks import remarks
from winnow.report.sources import sources
from winnow.report.survey import SAMPLE, Survey
from winnow.report.texts import Texts
from winnow.text.worddiff import around_changes, bounded, word_diff

CHANGES = 6  # changed places shown of one edit
LONGEST = 240  # characters shown of one removed or added piece
AROUND = 36  # characters of unchanged text shown on each side of a change


def content(given: Given, survey: Survey, choice: Choice, texts: Texts) -> dict[str, Any]:
    """Return the variables of the template."""
    raw_units = sum(given.units.values())
    gates = overview.funnel(survey.cube, survey.notes)
    shown = reasons.reasons(survey, choice, texts, gates, given.rules)
    idle, off = reasons.idle(given.rules, shown)
    targets, target_count = coverage.targets(given.targets)
    languages = totals(survey.cube, "language")
    page: dict[str, Any] = {
        "name": given.name,
        "raw_units": raw_units,
        "used": sum(count for (_, outcome), count in given.units.items() if outcome == "used"),
        **_released(survey),
        "licenses": overview.licenses(survey.cube, given.sources),
        "gates": gates,
        "left": ranked(_by_outcome(survey.units)),
        "sources": sources(survey.cube, given.units, survey.flags, given.sources),
        "edits": _edits(survey, choice, texts),
        "edited": survey.edited,
        "reasons": [*reasons.left_units(survey, choice, texts, raw_units), *shown],
        "idle": idle,
        "off": off,
        "distributions": values.distributions(survey.values),
        "lengths": values.lengths(survey.lengths, given.rules),
        "audit": given.audit,
        "coverage": coverage.coverage(given.over, given.coverage),
        "few": coverage.FEW,
        "judged": given.judged,
        "targets": targets,
        "target_count": target_count,
        "uneven": tongues.by_language(survey.cube),
        "uneven_from": tongues.UNEVEN,
        "flags": tongues.flags(survey.flags, languages, words.flags()),
        "benchmarks": ranked(given.overlaps.get("overlapping", {})),
        "benchmark_items": given.overlaps.get("items", 0),
        "clusters": [_cluster(cluster, texts) for cluster in choice.clusters],
        "clustered": clusters.groups(survey.duplicates),
        "sample": [texts.full[row_id] for row_id in choice.sample],
        "sample_size": SAMPLE,
        "words": words,
    }
    page["remarks"] = remarks(page)
    return page


def _released(survey: Survey) -> dict[str, Any]:
    """Return the headline numbers of the rows."""

    def sums(name: str, measure: str = "rows") -> Mapping[str, int]:
        return totals(survey.cube, name, measure=measure, where=lambda cell: cell.released)

    released, splits = sum(sums("source").values()), sums("split")
    kinds = {value: n for (column, value, one), n in survey.values.items() if (column, one) == ("kind", "released")}
    return {
        "rows": sum(totals(survey.cube, "source").values()),
        "released": released,
        "draws": sum(sums("source", "draws").values()),
        "tokens": sum(sums("source", "tokens").values()),
        "splits": [(split, splits[split]) for split in SPLITS],
        "languages": ranked(sums("language")),
        "kinds": ranked(kinds),
    }


def _by_outcome(units: Mapping[tuple[str, str, str], int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (outcome, _, _), count in units.items():
        found[outcome] = found.get(outcome, 0) + count
    return found


def _edits(survey: Survey, choice: Choice, texts: Texts) -> list[dict[str, Any]]:
    """Return each rule of cleaning with its edits by source and the changed places of some."""
    by_rule: dict[str, dict[str, int]] = {}
    for (rule, source), count in survey.edits.items():
        by_rule.setdefault(rule, {})[source] = count
    found = []
    for rule, by_source in by_rule.items():
        shown = [texts.edits[place] for place in choice.edits.get(rule, [])]
        examples = []
        for edit in shown:
            pieces = bounded(word_diff(edit.before, edit.after, letters=True), CHANGES, LONGEST)
            examples.append((edit, around_changes(pieces, AROUND)))
        count = sum(by_source.values())
        found.append({"name": rule, "count": count, "by_source": ranked(by_source), "examples": examples})
    return sorted(found, key=lambda one: (-one["count"], one["name"]))


def _cluster(cluster: clusters.Cluster, texts: Texts) -> dict[str, Any]:
    return {
        "cluster": cluster,
        "survivor": texts.short.get(cluster.survivor),
        "members": [(texts.short[row_id], reason, value) for row_id, reason, value in cluster.members],
    }
