"""The dataset card: the hub's YAML header, sources with licences, the funnel, limits, how to rebuild."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pyarrow as pa
from jinja2 import Environment, StrictUndefined

from stages.release.formats import FORMATS
from stages.release.template import TEMPLATE

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)
_NOT_LANGUAGES = frozenset({"und"})


def size_category(rows: int) -> str:
    """Return the hub's size category.

    >>> size_category(999), size_category(1_000)
    ('n<1K', '1K<n<10K')
    """
    return next((name for limit, name in _SIZES if rows < limit), "n>1T" if rows >= 10**12 else "1B<n<10B")


def hub_license(licenses: set[str]) -> dict[str, str]:
    """Return the licence keys of the header: one licence by its hub id, several as ``other`` with a name.

    >>> hub_license({"CC-BY-SA-3.0"})
    {'license': 'cc-by-sa-3.0'}
    >>> hub_license({"MIT", "CC0-1.0"})["license_name"]
    'mixed-cc0-1.0-mit'
    """
    if len(licenses) == 1 and (only := next(iter(licenses))) != "other":
        return {"license": only.lower()}
    name = "mixed-" + "-".join(sorted(one.lower() for one in licenses))
    return {"license": "other", "license_name": name, "license_link": "README.md"}


def card(
    name: str,
    index: pa.Table,
    languages: Mapping[str, int],
    sources: Mapping[str, Any],
    written: Mapping[tuple[str, str], int],
) -> str:
    """Return the text of the card from the index (source, license, status, stage, reason), the languages of the
    released rows, the source entries and the rows written by format and split."""
    by_source: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[tuple[str, str]] = Counter()
    licenses = set()
    for row in (
        index.group_by(["source", "license", "status", "stage", "reason"]).aggregate([([], "count_all")]).to_pylist()
    ):
        by_source[row["source"]][row["status"]] += row["count_all"]
        if row["status"] == "in":
            licenses.add(row["license"])
        else:
            reasons[row["stage"], row["reason"]] += row["count_all"]
    inside = sum(counts["in"] for counts in by_source.values())
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    template = environment.from_string(files("stages.release").joinpath("card.md.j2").read_text(encoding="utf-8"))
    formats = sorted({name for name, _ in written})
    return template.render(
        name=name,
        license=hub_license(licenses),
        languages=sorted(code for code in languages if code not in _NOT_LANGUAGES and languages[code] >= 1),
        language_rows=sorted(languages.items(), key=lambda item: (-item[1], item[0])),
        size=size_category(inside),
        rows=inside,
        seen=len(index),
        configs=[(f, FORMATS[f].EXTENSION, [s for g, s in written if g == f and written[g, s]]) for f in formats],
        written=written,
        sources=[(one, sources.get(one, {}), by_source[one]["in"], by_source[one]["out"]) for one in sorted(by_source)],
        reasons=sorted(reasons.items(), key=lambda item: (-item[1], item[0])),
        template=TEMPLATE,
    )
