"""What stands on the page: the survey and the texts, arranged section by section for the template."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stages.gates.decisions import GATES
from stages.gates.splitting import SPLITS
from stages.page import words
from stages.page.bins import EDGES, position
from stages.page.diff import pieces
from stages.page.picks import spread
from stages.page.survey import LENGTHS, SAMPLE, Edge, Pick, Survey
from stages.page.svg import histogram
from stages.page.texts import Row, Texts

CLUSTERS = 10
LANGUAGES = 12  # shown with a bar each; the others together in one
_COMMERCIAL = re.compile(r"(^|-)NC(-|$)")


@dataclass(frozen=True)
class Choice:
    """What the page will show, before any text is read."""

    units: dict[tuple[str, str], list[tuple[int, int]]]  # by (outcome, reason)
    drops: dict[tuple[str, str], list[Pick]]  # by (gate, reason)
    nearly: dict[tuple[str, str], list[Pick]]  # more than are shown
    edits: dict[str, list[tuple[int, int]]]  # by rule
    clusters: list["Cluster"]
    sample: list[str]

    def row_ids(self) -> set[str]:
        """Return the rows whose beginning is shown."""
        picks = [pick for group in (*self.drops.values(), *self.nearly.values()) for pick in group]
        ids = {pick.row_id for pick in picks}
        ids |= {
            pick.other
            for (gate, _), group in (*self.drops.items(), *self.nearly.items())
            for pick in group
            if pick.other and gate != "decontaminate"
        }
        for cluster in self.clusters:
            ids |= {cluster.survivor, *(member for member, _, _ in cluster.members)}
        return ids


@dataclass
class Cluster:
    """Rows that one row stands for: ``members`` are some of them as (row_id, reason, similarity)."""

    survivor: str
    size: int
    reasons: Counter[str]
    sources: Counter[str]
    weakest: float
    members: list[tuple[str, str, float]] = field(default_factory=list)


def choose(survey: Survey) -> Choice:
    """Choose the examples of every reason, rule and limit from the candidates, spread over the sources."""
    count = survey.examples

    def shown(picks: Mapping[Any, Sequence[tuple[Any, ...]]]) -> dict[Any, list[Any]]:
        """Drop the source from the keys: (…, source) → items of all sources in turn."""
        grouped: dict[Any, dict[str, list[Any]]] = defaultdict(dict)
        for key, items in picks.items():
            grouped[key[:-1]][key[-1]] = [item[-1] for item in items]
        return {key: spread(by_source, count) for key, by_source in sorted(grouped.items())}

    return Choice(
        units={key: [tuple(place) for place in places] for key, places in shown(survey.unit_picks).items()},
        drops=shown(survey.drop_picks),
        nearly={key: [item[-1] for item in items] for key, items in sorted(survey.near_picks.items())},
        edits={key[0]: [tuple(place) for place in places] for key, places in shown(survey.edit_picks).items()},
        clusters=clusters(survey.duplicates, count),
        sample=[row_id for _, row_id in survey.sample],
    )


def clusters(duplicates: Sequence[tuple[str, str, str, float]], count: int) -> list[Cluster]:
    """Return the largest groups of dropped duplicates, with up to ``count`` members each, the least alike first.

    >>> found = clusters([("a:1", "b:2", "exact_duplicate", 1.0), ("a:1", "a:3", "near_duplicate", 0.9)], 1)
    >>> found[0].size, found[0].members
    (3, [('a:3', 'near_duplicate', 0.9)])
    """
    sizes = Counter(survivor for survivor, _, _, _ in duplicates)
    largest = sorted(sizes, key=lambda survivor: (-sizes[survivor], survivor))[:CLUSTERS]
    members: dict[str, list[tuple[str, str, float]]] = {survivor: [] for survivor in largest}
    for survivor, row_id, reason, value in duplicates:
        if survivor in members:
            members[survivor].append((row_id, reason, value))
    found = []
    for survivor in largest:
        rows = sorted(members[survivor], key=lambda row: (row[2], row[0]))
        sources = Counter(row_id.split(":", 1)[0] for row_id in (survivor, *(row[0] for row in rows)))
        reasons = Counter(reason for _, reason, _ in rows)
        found.append(Cluster(survivor, len(rows) + 1, reasons, sources, rows[0][2], rows[:count]))
    return found


@dataclass(frozen=True)
class Example:
    """A row with the decision on it, and the row it was held against where there is one."""

    row: Row
    pick: Pick
    other: Row | None = None
    item: str = ""


@dataclass(frozen=True)
class Reason:
    """All that one gate (or ``normalize``) left out for one reason."""

    stage: str
    name: str
    count: int
    of: int
    by_source: list[tuple[str, int]]
    examples: list[Any]
    outcome: str = ""

    @property
    def anchor(self) -> str:
        """The name of the reason as the target of a link."""
        return slug(f"{self.stage}-{self.outcome}-{self.name}")


def slug(text: str) -> str:
    """Return ``text`` as the name of an anchor.

    >>> slug('filter--short_response "<b>')
    'filter-short-response-b'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the counts, the largest first, equal ones by name."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _summed(counts: Mapping[tuple[Any, ...], int], *places: int) -> Counter[Any]:
    """Sum counts over the parts of the key that ``places`` does not name."""
    out: Counter[Any] = Counter()
    for key, count in counts.items():
        out[key[places[0]] if len(places) == 1 else tuple(key[n] for n in places)] += count
    return out


def content(
    name: str,
    sources: Mapping[str, Any],
    units: Sequence[Mapping[str, str]],
    overlaps: Mapping[str, Any],
    audit: Mapping[str, Any],
    edges: Sequence[Edge],
    survey: Survey,
    choice: Choice,
    texts: Texts,
) -> dict[str, Any]:
    """Return the variables of the template.

    ``units`` are the lines of the plot of ``normalize`` (source, outcome, reason, units); ``overlaps`` and ``audit``
    are metrics of ``overlaps`` and ``annotate``.
    """
    raw: Counter[tuple[str, str]] = Counter()
    for line in units:
        raw[line["source"], line["outcome"]] += int(line["units"])
    released = sum(survey.released.values())
    gates = _funnel(survey)
    page: dict[str, Any] = {
        "name": name,
        "raw_units": sum(raw.values()),
        "used": sum(count for (_, outcome), count in raw.items() if outcome == "used"),
        "rows": sum(survey.rows.values()),
        "released": released,
        "draws": survey.draws,
        "tokens": survey.tokens,
        "kinds": ranked(survey.kinds),
        "splits": [(split, _summed(survey.released, 2)[split]) for split in SPLITS],
        "licenses": _licenses(survey, sources),
        "gates": gates,
        "left": ranked(_summed(survey.units, 0)),
        "sources": _sources(survey, raw, sources),
        "rules": _rules(survey, choice, texts),
        "edited": survey.edited,
        "reasons": _reasons(survey, choice, texts, sum(raw.values()), gates),
        "nearly": _nearly(choice, texts, survey.examples),
        "lengths": [_lengths(survey, name, edges) for name in LENGTHS],
        "languages": _languages(survey),
        "language_most": max(_summed(survey.languages, 1).values(), default=0),
        "language_count": len({code for _, code in survey.languages}),
        "audit": audit,
        "benchmarks": ranked(overlaps.get("overlapping", {})),
        "benchmark_items": overlaps.get("items", 0),
        "clusters": [
            (
                cluster,
                _row(texts, cluster.survivor),
                [(_row(texts, row_id), reason, value) for row_id, reason, value in cluster.members],
            )
            for cluster in choice.clusters
        ],
        "clustered": len({survivor for survivor, _, _, _ in survey.duplicates}),
        "sample": [texts.full[row_id] for row_id in choice.sample],
        "sample_size": SAMPLE,
        "words": words,
    }
    page["remarks"] = remarks(page)
    return page


def _funnel(survey: Survey) -> list[dict[str, Any]]:
    """Return each gate with the rows that entered and left it, and its reasons."""
    alive, out = sum(survey.rows.values()), []
    for gate in GATES:
        reasons = _summed({key[1:]: count for key, count in survey.dropped.items() if key[0] == gate}, 0)
        out.append({"name": gate, "in": alive, "out": alive - reasons.total(), "reasons": ranked(reasons)})
        alive -= reasons.total()
    return out


def _license(code: str, source: str, sources: Mapping[str, Any]) -> str:
    entry = sources.get(source)
    return (entry.get("license_name") if isinstance(entry, Mapping) and code == "other" else "") or code


def _licenses(survey: Survey, sources: Mapping[str, Any]) -> list[tuple[str, int, list[str]]]:
    rows: Counter[str] = Counter()
    named: dict[str, set[str]] = defaultdict(set)
    for (source, code, _), count in survey.released.items():
        rows[_license(code, source, sources)] += count
        named[_license(code, source, sources)].add(source)
    return [(code, count, sorted(named[code])) for code, count in ranked(rows)]


def _sources(survey: Survey, raw: Mapping[tuple[str, str], int], sources: Mapping[str, Any]) -> list[dict[str, Any]]:
    inside, dropped = _summed(survey.released, 0), _summed(survey.dropped, 0, 2)
    licenses: dict[str, set[str]] = defaultdict(set)
    for source, code, _ in survey.released:
        licenses[source].add(_license(code, source, sources))
    out = []
    for source in sorted({*sources, *survey.rows, *(name for name, _ in raw)}):
        entry = sources.get(source, {})
        counts = {outcome: raw.get((source, outcome), 0) for outcome in ("used", "skipped", "quarantined")}
        told = {_license(str(entry["license"]), source, sources)} if "license" in entry else set()
        out.append(
            {
                "name": source,
                "adapter": entry.get("adapter", ""),
                "licenses": sorted(licenses[source] or told),
                "units": sum(counts.values()),
                **counts,
                "rows": survey.rows[source],
                "gates": [dropped[gate, source] for gate in GATES],
                "released": inside[source],
            }
        )
    return out


def _rules(survey: Survey, choice: Choice, texts: Texts) -> list[dict[str, Any]]:
    by_rule = _summed(survey.edits, 0)
    return [
        {
            "name": rule,
            "count": count,
            "by_source": ranked({source: n for (one, source), n in survey.edits.items() if one == rule}),
            "examples": [
                (texts.edits[place], pieces(texts.edits[place].before, texts.edits[place].after))
                for place in choice.edits.get(rule, [])
            ],
        }
        for rule, count in ranked(by_rule)
    ]


def _row(texts: Texts, row_id: str | None) -> Row | None:
    return texts.short.get(row_id) if row_id else None


def _example(texts: Texts, gate: str, pick: Pick) -> Example:
    other = None if gate == "decontaminate" else _row(texts, pick.other)
    return Example(texts.short[pick.row_id], pick, other, "" if other else pick.other or "")


def _reasons(
    survey: Survey, choice: Choice, texts: Texts, raw_units: int, gates: Sequence[Mapping[str, Any]]
) -> list[Reason]:
    out = []
    for (outcome, reason), count in sorted(_summed(survey.units, 0, 1).items(), key=lambda item: (-item[1], item[0])):
        by_source = {source: n for (one, two, source), n in survey.units.items() if (one, two) == (outcome, reason)}
        units = [texts.units[place] for place in choice.units.get((outcome, reason), [])]
        out.append(Reason("normalize", reason, count, raw_units, ranked(by_source), units, outcome))
    for gate in gates:
        for reason, count in gate["reasons"]:
            key = (gate["name"], reason)
            by_source = {source: n for (one, two, source), n in survey.dropped.items() if (one, two) == key}
            examples = [_example(texts, gate["name"], pick) for pick in choice.drops.get(key, [])]
            out.append(Reason(gate["name"], reason, count, gate["in"], ranked(by_source), examples))
    return out


def _nearly(choice: Choice, texts: Texts, count: int) -> list[dict[str, Any]]:
    """Return for each limit the released rows nearest to it; of a close pair both rows must be in the release."""
    out = []
    for (gate, reason), picks in choice.nearly.items():
        examples = [_example(texts, gate, pick) for pick in picks]
        examples = [one for one in examples if gate != "deduplicate" or (one.other and one.other.status == "in")]
        if examples:
            out.append({"gate": gate, "reason": reason, "limit": picks[0].limit, "examples": examples[:count]})
    return sorted(out, key=lambda one: (GATES.index(one["gate"]), one["reason"]))


def length_name(at: int) -> str:
    """Return the range of lengths of a bin.

    >>> length_name(0), length_name(9), length_name(len(EDGES) - 1)
    ('0', '20–30', '100,000 or more')
    """
    low = f"{EDGES[at]:,g}"
    if at == len(EDGES) - 1:
        return f"{EDGES[at]:,} or more"
    return "0" if at == 0 else f"{low}–{EDGES[at + 1]:,g}"


def _lengths(survey: Survey, name: str, edges: Sequence[Edge]) -> dict[str, Any]:
    inside = [survey.lengths["in", name, n] for n in range(len(EDGES))]
    outside = [survey.lengths["out", name, n] for n in range(len(EDGES))]
    used = [n for n in range(len(EDGES)) if inside[n] or outside[n]]
    marks = [
        (position(edge.limit), f"limit {edge.limit:,g}")
        for edge in edges
        if edge.gate == "filter" and edge.reason.endswith(f"_{name}")
    ]
    ticks = [(position(10**k), f"{10**k:,}") for k in range(5)]
    total_in, total_out = sum(inside), sum(outside)
    title = f"Length of the {name}: {total_in:,} rows in the release, {total_out:,} left out"
    names = [length_name(n) for n in range(len(EDGES))]
    return {
        "name": name,
        "svg": histogram(title, [("in", inside), ("out", outside)], names, ticks, marks),
        "bins": [(names[n], inside[n], outside[n]) for n in used],
    }


def _languages(survey: Survey) -> list[tuple[str, int, int]]:
    """Return (language, rows in, rows out), the most frequent first, the rest together."""
    total = _summed(survey.languages, 1)
    codes = [code for code, _ in ranked(total)]
    rows = [(code, survey.languages["in", code], survey.languages["out", code]) for code in codes[:LANGUAGES]]
    if rest := codes[LANGUAGES:]:
        sums = [sum(survey.languages[status, code] for code in rest) for status in ("in", "out")]
        rows.append((f"{len(rest)} others", sums[0], sums[1]))
    return rows


def remarks(page: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what deserves a look before a release, as (sentence, anchor): facts with numbers, no verdicts."""
    found = []
    if quarantined := dict(page["left"]).get("quarantined", 0):
        found.append((f"{quarantined:,} raw units could not be read and are quarantined.", "left-out"))
    limited = [(code, rows) for code, rows, _ in page["licenses"] if _COMMERCIAL.search(code.upper())]
    if limited:
        rows = sum(rows for _, rows in limited)
        codes = ", ".join(code for code, _ in limited)
        found.append(
            (
                f"{rows:,} released rows ({rows / page['released']:.1%}) stand under {codes}, "
                "which does not allow commercial use.",
                "licences",
            )
        )
    if len(page["licenses"]) > 1:
        found.append(
            (f"The release mixes {len(page['licenses'])} licences; a use of the whole must respect all.", "licences")
        )
    for source in page["sources"]:
        if not source["released"]:
            found.append((f"Nothing of the source {source['name']} is in the release.", "sources"))
        elif source["rows"] - source["released"] > source["rows"] / 4:
            lost = (source["rows"] - source["released"]) / source["rows"]
            found.append((f"The source {source['name']} lost {lost:.1%} of its rows.", "sources"))
    for split, rows in page["splits"]:
        if not rows:
            found.append((f"The split {split} is empty.", "headline"))
    if not page["benchmark_items"]:
        found.append(("No test set was compared with the rows.", "left-out"))
    if page["audit"].get("rows") and page["audit"].get("agreement", 1) < 0.95:
        found.append(
            (
                f"A second detector agrees with the language of {page['audit']['agreement']:.1%} of the "
                f"{page['audit']['rows']:,} rows checked.",
                "languages",
            )
        )
    return found
