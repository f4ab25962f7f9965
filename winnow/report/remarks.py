"""What deserves a look before a release: facts with numbers, no verdicts."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from winnow.gates.rules import RULES, Breaks
from winnow.report.coverage import Target
from winnow.report.numbers import number, rate, share
from winnow.report.overview import License
from winnow.report.sources import Source
from winnow.report.tongues import UNEVEN, Flag, Uneven

MOST = 4  # remarks of one kind
AGREEMENT = 0.95  # with less, the second detector of languages is mentioned
LOST = 0.25  # a source that lost more of its rows is mentioned


class Remark(NamedTuple):
    """A sentence and the section that says more."""

    sentence: str
    anchor: str


def remarks(page: Mapping[str, Any]) -> list[Remark]:
    """Return the remarks on what stands on the page."""
    found = []
    if quarantined := dict(page["left"]).get("quarantined", 0):
        found.append(Remark(f"{quarantined:,} raw units could not be read and are quarantined.", "left-out"))
    found += _licenses(page["licenses"], page["released"])
    found += _sources(page["sources"])
    found += [Remark(f"The split {split} is empty.", "headline") for split, rows in page["splits"] if not rows]
    found += _targets(page["targets"])
    found += _uneven(page["uneven"])
    found += _flags(page["flags"])
    if not page["benchmark_items"]:
        found.append(Remark("No test set was compared with the rows.", "left-out"))
    if (judged := page["judged"]) and judged.canaries.get("off"):
        told = f"{judged.canaries['off']:,} of {judged.canaries['replies']:,} canaries were judged otherwise than known"
        found.append(Remark(f"{told}: the model may not be the one it was.", "judged"))
    audit = page["audit"]
    if audit.get("rows") and audit.get("agreement", 1) < AGREEMENT:
        told = share(audit["agreement"], 1)
        sentence = f"A second detector agrees with the language of {told} of the {audit['rows']:,} rows checked."
        found.append(Remark(sentence, "made-of"))
    return found


def _most(found: Sequence[Remark], rest: str) -> list[Remark]:
    """Return up to :data:`MOST` remarks, and one that counts the others."""
    if len(found) <= MOST:
        return list(found)
    return [*found[:MOST], Remark(rest.format(len(found) - MOST), found[MOST].anchor)]


def _licenses(licenses: Sequence[License], released: int) -> list[Remark]:
    found = []
    if limited := [one for one in licenses if "no commercial use" in one.terms]:
        rows = sum(one.rows for one in limited)
        codes = ", ".join(one.code for one in limited)
        told = f"{rows:,} released rows ({share(rows, released)}) stand under {codes}"
        found.append(Remark(f"{told}, which does not allow commercial use.", "licences"))
    if len(licenses) > 1:
        sentence = f"The release mixes {len(licenses)} licences; a use of the whole must respect all."
        found.append(Remark(sentence, "licences"))
    return found


def _sources(sources: Sequence[Source]) -> list[Remark]:
    gone, lost = [], []
    for one in sorted(sources, key=lambda one: (-one.lost, one.name)):
        reason, count = one.reasons[0] if one.reasons else ("", 0)
        why = f"most of them for {reason.replace('_', ' ')} ({count:,})"
        if not one.released:
            told = f"its {one.rows:,} rows are out, {why}" if one.rows else "it gave no row"
            gone.append(Remark(f"Nothing of the source {one.name} is in the release: {told}.", "sources"))
        elif one.lost > one.rows * LOST:
            lost.append(
                Remark(f"The source {one.name} lost {share(one.lost, one.rows)} of its rows, {why}.", "sources")
            )
    return [
        *_most(gone, "Nothing of {} more sources is in the release."),
        *_most(lost, "{} more sources lost more than a quarter of their rows."),
    ]


def _targets(targets: Sequence[Target]) -> list[Remark]:
    found = []
    for one in targets:
        if one.met:
            continue
        if one.dimension == "total":
            sentence = f"The mix draws {one.draws:,} rows, and {one.draws_asked:,} were asked for."
        else:
            asked, reached = share(one.asked, 1), share(one.reached, 1)
            sentence = f"The mix gives {one.dimension} {one.value} {reached} of the draws, and {asked} were asked for."
        found.append(Remark(sentence, "mix"))
    return _most(found, "{} more targets of the mix are missed.")


def _uneven(reasons: Sequence[Uneven]) -> list[Remark]:
    found = []
    for one in reasons:
        if one.rates.clear:
            told = rate(one.rates.chinese, one.rates.of_chinese), rate(one.rates.english, one.rates.of_english)
            times = f"{number(round(one.rates.ratio or 0, 1))} times as often as" if one.rates.english else "but never"
            name = f"{one.gate} drops Chinese rows for {one.reason.replace('_', ' ')}"
            found.append(Remark(f"{name} {times} English ones ({told[0]} against {told[1]}).", "by-language"))
    return _most(found, f"{{}} more reasons hit Chinese rows more than {UNEVEN} times as often as English ones.")


def _flags(flags: Sequence[Flag]) -> list[Remark]:
    """Return remarks on released rows with a flag that a rule can drop."""
    ruled = {rule.fact for rule in RULES if rule.breaks is Breaks.FLAG}
    found = [
        Remark(f"{one.released:,} released row{'' if one.released == 1 else 's'} carry the flag "
               f"{one.name.replace('_', ' ')}, whose rule does not drop them.", "flags")
        for one in flags if one.name in ruled and one.released
    ]  # fmt: skip
    return _most(found, "{} more flags that have a rule are on released rows.")
