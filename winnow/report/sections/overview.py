"""The headline numbers, licences, languages and kinds of the release, and the remarks of all sections."""

from collections import Counter
from dataclasses import dataclass

from winnow.records.licence import TERMS, terms
from winnow.report.format.numbers import ranked, share
from winnow.report.inputs import Inputs
from winnow.report.section import Section
from winnow.report.survey.counts import Cell, nested, sums


@dataclass(frozen=True)
class License:
    """A licence with the released rows, their tokens and sources, and the terms that its code names."""

    code: str
    rows: int
    tokens: int
    sources: list[str]
    terms: list[str]


class Overview(Section):
    """Licences, languages and kinds of the released rows; the template also shows totals and the page's remarks."""

    title = "Overview"

    def __init__(self, inputs: Inputs) -> None:
        self.empty_splits = [split for split, rows in inputs.totals.splits if not rows]
        rows, tokens = (_by_license(inputs, measure) for measure in ("rows", "tokens"))
        self.licenses = [
            License(code, count, tokens[code].total(), sorted(rows[code]), terms(code))
            for code, count in ranked({code: by_source.total() for code, by_source in rows.items()})
        ]
        self.languages = ranked(sums(inputs.survey.cube, "language", where=Cell.released))
        kinds = {key[1]: n for key, n in inputs.survey.values.items() if (key[0], key[2]) == ("kind", "released")}
        self.kinds = ranked(kinds)

    def remarks(self) -> list[str]:
        """Name empty splits and licences that forbid commercial use, and count licences that are mixed."""
        remarks = [f"The split {split} is empty." for split in self.empty_splits]
        if limited := [license for license in self.licenses if TERMS["NC"] in license.terms]:
            rows, released = (sum(license.rows for license in some) for some in (limited, self.licenses))
            codes = ", ".join(license.code for license in limited)
            remarks.append(
                f"{rows:,} released rows ({share(rows, released)}) are licensed under {codes}, which does not allow "
                "commercial use."
            )
        if len(self.licenses) > 1:
            remarks.append(f"The release mixes {len(self.licenses)} licences; a use of the whole must respect all.")
        return remarks


def _by_license(inputs: Inputs, measure: str) -> dict[str, Counter[str]]:
    counts: Counter[tuple[str, str]] = Counter()
    cells = sums(inputs.survey.cube, "source", "license", measure=measure, where=Cell.released)
    for (source, code), count in cells.items():
        counts[inputs.settings.license_of(code, source), source] += count
    return nested(counts)
