"""The dataset card: the hub's YAML header, sources with licences, the funnel, limits, how to rebuild."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import pyarrow as pa
from jinja2 import Environment, StrictUndefined

from winnow.gates.splitting import SPLITS
from winnow.harness.display import inline, link, visible
from winnow.release.formats import FORMATS
from winnow.release.template import TEMPLATE

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
    (100_000_000_000, "10B<n<100B"),
    (1_000_000_000_000, "100B<n<1T"),
)
_HUB_IDS = (
    "afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc-by-2.0 "
    "cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 "
    "cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 "
    "cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0 ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 "
    "gfdl gpl-2.0 gpl-3.0 isc lgpl-2.1 lgpl-3.0 lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by ofl-1.1 osl-3.0 pddl "
    "postgresql unlicense wtfpl zlib"
)
_HUB_LICENSES = frozenset(_HUB_IDS.split())
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
_LEAST_ROWS, _LEAST_SHARE = 20, 0.005  # of a language in the header of the card
_NOT_LANGUAGES = frozenset({"und"})


def size_category(rows: int) -> str:
    """Return the hub's size category.

    >>> size_category(999), size_category(1_000)
    ('n<1K', '1K<n<10K')
    """
    return next((name for limit, name in _SIZES if rows < limit), "n>1T")


def hub_license(licenses: set[str]) -> dict[str, str]:
    """Return the licence keys of the header.

    One licence goes by its hub id; several, or one that the hub does not know, are ``other`` with a name.

    >>> hub_license({"CC-BY-SA-3.0"})
    {'license': 'cc-by-sa-3.0'}
    >>> hub_license({"MIT", "CC0-1.0"})["license_name"]
    'mixed-cc0-1.0-mit'
    """
    names = sorted(_license_id(one) for one in licenses)
    if len(names) == 1 and names[0] in _HUB_LICENSES:
        return {"license": names[0]}
    name = "-".join(names if len(names) == 1 else ["mixed", *names])
    return {"license": "other", "license_name": name, "license_link": "README.md"}


def _license_id(license_: str) -> str:
    """Return the hub's id of an SPDX id, or the name of another licence as an id.

    >>> _license_id("GPL-3.0-or-later"), _license_id("ODC-By-1.0"), _license_id("Our own Licence")
    ('gpl-3.0', 'odc-by', 'our-own-licence')
    """
    name = re.sub(r"[^a-z0-9.]+", "-", license_.lower()).strip("-")
    name = name.removesuffix("-only").removesuffix("-or-later")
    short = re.sub(r"-1\.\d$", "", name)
    return short if name not in _HUB_LICENSES and short in _HUB_LICENSES else name


def scalar(text: str) -> str:
    """Return ``text`` as one YAML value: as it stands where that is safe, else quoted.

    >>> scalar("winnow-demo"), scalar("v1: a #1 set"), scalar("no")
    ('winnow-demo', '"v1: a #1 set"', '"no"')
    """
    safe = re.fullmatch(r"[A-Za-z][\w.-]*", text, re.ASCII) and text.lower() not in _YAML_WORDS
    return text if safe else json.dumps(visible(text), ensure_ascii=False)


def header_languages(rows: Mapping[str, int]) -> list[str]:
    """Return the languages that the card's header names, by which people find a set: no single misread rows.

    A language of at least 20 rows and half a per cent of all; where none has so many (a small set), every one.

    >>> header_languages({"en": 5000, "zh": 400, "it": 21, "und": 60}), header_languages({"en": 3})
    (['en', 'zh'], ['en'])
    """
    known = {code: count for code, count in rows.items() if code not in _NOT_LANGUAGES and count > 0}
    least = max(_LEAST_ROWS, _LEAST_SHARE * sum(rows.values()))
    return sorted(code for code, count in known.items() if count >= least) or sorted(known)


def provenance(entry: Mapping[str, Any]) -> str:
    """Return as Markdown where a source comes from: its home page, else the addresses of its files.

    >>> provenance({"url": ["https://example.org/a.json", "https://example.org/b.json"]})
    'https://example.org/a.json, https://example.org/b.json'
    """
    urls = entry.get("url") or []
    pages = entry.get("homepage") or urls
    return ", ".join(link(str(page)) for page in (pages if isinstance(pages, list) else [pages]))


def card(
    name: str,
    index: pa.Table,
    languages: Mapping[str, int],
    sources: Mapping[str, Any],
    written: Mapping[tuple[str, str], int],
    models: Mapping[str, int] = MappingProxyType({}),
    test_sets: Sequence[Mapping[str, str]] = (),
) -> str:
    """Return the text of the card.

    It is made from the index (source, license, status, stage, reason), the languages of the released rows, the source
    entries, the rows written by format and split, replies by the model that judged, and the test sets that rows were
    compared with (title, license, kind, items, rows, dropped).
    """
    by_source: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[tuple[str, str]] = Counter()
    licenses = set()
    for row in (
        index.group_by(["source", "license", "status", "stage", "reason"]).aggregate([([], "count_all")]).to_pylist()
    ):
        by_source[row["source"]][row["status"]] += row["count_all"]
        if row["status"] == "in":
            entry = sources.get(row["source"], {}) if row["license"] == "other" else {}
            licenses.add(entry.get("license_name") or row["license"])
        else:
            reasons[row["stage"], row["reason"]] += row["count_all"]
    inside = sum(counts["in"] for counts in by_source.values())
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {"scalar": scalar, "provenance": provenance, "inline": lambda text: inline(str(text))}
    template = environment.from_string(files("winnow.release").joinpath("card.md.j2").read_text(encoding="utf-8"))
    formats = sorted({name for name, _ in written})
    # HF datasets reads all configs of a folder with one loader: JSON Lines and Parquet cannot both be configs
    lines = [name for name in formats if FORMATS[name].EXTENSION == "jsonl" and any(written[name, s] for s in SPLITS)]
    configs = sorted(lines, key=lambda name: (name != "messages", name)) or formats
    return template.render(
        name=name,
        license=hub_license(licenses),
        languages=header_languages(languages),
        language_rows=sorted(languages.items(), key=lambda item: (-item[1], item[0])),
        size=size_category(inside),
        rows=inside,
        seen=len(index),
        files=[(f, FORMATS[f].EXTENSION) for f in formats],
        configs=[(f, FORMATS[f].EXTENSION, [s for g, s in written if g == f and written[g, s]]) for f in configs],
        written=written,
        sources=[(one, sources.get(one, {}), by_source[one]["in"], by_source[one]["out"]) for one in sorted(by_source)],
        reasons=sorted(reasons.items(), key=lambda item: (-item[1], item[0])),
        template=TEMPLATE,
        models=sorted(models.items(), key=lambda item: (-item[1], item[0])),
        test_sets=test_sets,
        unchecked=all(one["kind"] != "public" for one in test_sets),
    )
