"""Licences: the spellings that hubs and people use, to SPDX, and the terms that an SPDX id names.

license-expression knows which ids and expressions there are; it knows no spellings, so those stand here.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

OTHER, NONE = "other", "NOASSERTION"
BY_ROW = "by_row"  # of a source: each row keeps the licence that the source says of it
TERMS = {
    "BY": "attribution",
    "NC": "no commercial use",
    "SA": "share alike",
    "ND": "no adapted versions",
}
_ALIASES = {
    "Apache-2.0": "apache apache2 apache-2 apache2.0 apache-license apache-license-2 asl-2.0 apl-2.0",
    "MIT": "expat the-mit mit-license",
    "CC0-1.0": "cc0 cc-0 cc-zero cc0-1 creative-commons-zero public-domain-cc0 cc-0-1.0",
    "PDDL-1.0": "pddl",
    "ODC-By-1.0": "odc-by odcby odc-by-1 odc-attribution open-data-commons-attribution",
    "ODbL-1.0": "odbl odbl-1 odc-odbl open-database",
    "CDLA-Permissive-1.0": "cdla-permissive-1",
    "CDLA-Permissive-2.0": "cdla-permissive-2",
    "CDLA-Sharing-1.0": "cdla-sharing cdla-sharing-1",
    "BSD-3-Clause": "bsd-3 bsd3 new-bsd bsd-new",
    "BSD-2-Clause": "bsd-2 bsd2 simplified-bsd",
    "MPL-2.0": "mpl mpl2 mpl-2 mozilla-public-2.0",
    "Unlicense": "the-unlicense unlicence",
    "GFDL-1.3-or-later": "gfdl-1.3 gfdl1.3",
    "GPL-2.0-only": "gpl-2.0 gpl-2 gpl2 gplv2",
    "GPL-3.0-only": "gpl-3.0 gpl-3 gpl3 gplv3",
    "LGPL-2.1-only": "lgpl-2.1 lgplv2.1",
    "LGPL-3.0-only": "lgpl-3.0 lgpl-3 lgpl3 lgplv3",
    "AGPL-3.0-only": "agpl-3.0 agpl-3 agpl3 agplv3",
    "etalab-2.0": "etalab etalab-2",
    "WTFPL": "wtfpl-2.0",
}
_UNVERSIONED = {
    "gpl": "GPL-3.0-only, GPL-2.0-only",
    "lgpl": "LGPL-3.0-only, LGPL-2.1-only",
    "agpl": "AGPL-3.0-only",
    "gfdl": "GFDL-1.3-or-later",
    "bsd": "BSD-3-Clause, BSD-2-Clause",
    "cc": "CC-BY-4.0, CC0-1.0",
    "creative-commons": "CC-BY-4.0, CC0-1.0",
}
_NO_SPDX = re.compile(
    r"(?:llama|gemma|qwen|openrail|creativeml-|bigscience-|bigcode-|openai|deepseek|apple-|intel-research|fair-non|"
    r"tongyi|yi-license|proprietary|research|non-?commercial|custom|mixed|public-domain).*"
)
_UNKNOWN = frozenset({"unknown", "none", "n-a", "na", "null", "tbd", "unspecified", "no", "?", "nan"})
_CC = re.compile(r"(?:cc|creative-commons)-?(by(?:-?nc)?(?:-?(?:sa|nd))?)(?:-?v?([1-4](?:\.[0-9])?))?(?:-[a-z-]+)?")
_WORDS = {"attribution": "by", "noncommercial": "nc", "sharealike": "sa", "noderivatives": "nd", "noderivs": "nd"}
_NOT_COMMERCIAL = re.compile(r"(?i)non-?commercial|research[- ](?:use|purposes)? ?only|(?:^|[-\s])NC(?:[-\s\d]|$)")


class UnknownLicence(ValueError):
    """A licence that is no SPDX id in any known spelling; the text is a clause that says what to do."""


def spdx(text: str) -> str:
    """Return a licence as its SPDX id or expression, whatever its spelling.

    ``other``, ``by_row``, ``NOASSERTION`` and LicenseRef-… stay as they are.

    >>> spdx("CC BY-NC 4.0"), spdx("apache 2.0"), spdx("MIT License"), spdx("odc-by"), spdx("cc-by-sa-3.0-unported")
    ('CC-BY-NC-4.0', 'Apache-2.0', 'MIT', 'ODC-By-1.0', 'CC-BY-SA-3.0')

    Raises :class:`UnknownLicence` for what is none, or names no version.
    """
    name = text.strip()
    if name in _ALIASES or name in (OTHER, NONE, BY_ROW) or re.fullmatch(r"LicenseRef-[\w.-]+", name, re.ASCII):
        return name
    key = _key(name)
    known = _spellings().get(key) or _creative_commons(key)
    return known or _expression(name, key)


def joined(licences: Iterable[str]) -> str:
    """Return the licence of a work made from works under ``licences``: all of them hold, so their SPDX conjunction.

    A licence without an SPDX id, or that nobody stated, stands for the whole: nothing can be joined to it.

    >>> joined(["MIT", "CC-BY-4.0 AND MIT", "CC0-1.0"]), joined(["MIT"]), joined(["MIT", "other"])
    ('CC-BY-4.0 AND CC0-1.0 AND MIT', 'MIT', 'other')
    """
    different = set(licences)
    for unknown in (OTHER, NONE):
        if unknown in different:
            return unknown
    parts: set[str] = set()
    for one in different:
        parsed = _licensing().parse(one)
        inside = parsed.args if isinstance(parsed, _licensing().AND) else [parsed]
        parts |= {f"({part})" if isinstance(part, _licensing().OR) else str(part) for part in inside}
    if len(parts) == 1:
        return parts.pop().removeprefix("(").removesuffix(")")
    return " AND ".join(sorted(parts))


def terms(text: str) -> list[str]:
    """Return the terms that a licence, or the name of another one, states.

    >>> terms("CC-BY-NC-4.0"), terms("CC BY-SA 3.0"), terms("Apache-2.0"), terms("non-commercial research only")
    (['attribution', 'no commercial use'], ['attribution', 'share alike'], [], ['no commercial use'])
    """
    try:
        code = spdx(text)
    except UnknownLicence:
        code = text
    codes = re.findall(r"CC-[A-Z-]+", code.upper())
    named = {part for code in codes for part in code.split("-")}
    if re.search(r"\b(?:A?GPL|ODbL|CDLA-Sharing|GFDL|OSL|EUPL)-\d|CDLA-Sharing", code):
        named.add("SA")
    if _NOT_COMMERCIAL.search(text):
        named.add("NC")
    return [TERMS[part] for part in TERMS if part in named]


def _key(text: str) -> str:
    key = re.sub(r"[\s_/,()]+", "-", text.lower().strip())
    key = re.sub(r"(?:^|-)(?:the|licen[cs]ed?|version|international|deed)(?=-|$)", "", key)
    key = re.sub(r"-v(?=\d)", "-", key)
    return re.sub(r"-{2,}", "-", key).strip("-.")


def _creative_commons(key: str) -> str | None:
    key = re.sub("|".join(_WORDS), lambda word: _WORDS[word.group()], key.replace("non-commercial", "noncommercial"))
    match = _CC.fullmatch(key)
    if match is None:
        return None
    kind = "-".join(re.findall("by|nc|sa|nd", match[1])).upper()
    if match[2] is None:
        raise UnknownLicence(f"names no version; did you mean CC-{kind}-4.0?")
    return f"CC-{kind}-{match[2] if '.' in match[2] else match[2] + '.0'}"


@cache
def _spellings() -> dict[str, str]:
    return {alias: code for code, names in _ALIASES.items() for alias in (*names.split(), code.lower(), _key(code))}


@cache
def _licensing() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def _parsed(name: str) -> str | None:
    """Return an expression of known ids in the spelling of the list, None for any other text."""
    from license_expression import ExpressionError

    try:
        found = _licensing().parse(name, validate=True, strict=True)
    except (ExpressionError, AttributeError, IndexError):  # its parser fails on some texts that are no expressions
        return None
    return str(found) if found is not None else None


def _expression(name: str, key: str) -> str:
    """Return an SPDX id or expression in the spelling of the list."""
    if key in _UNVERSIONED:
        raise UnknownLicence(f"names no version; did you mean {_UNVERSIONED[key]}?")
    if key in _UNKNOWN:
        raise UnknownLicence(f"names none; ask its publisher, or say {NONE} for a licence that nobody stated")
    if (expression := _parsed(name)) is not None:
        return expression
    if _NO_SPDX.fullmatch(key):
        raise UnknownLicence(f"is no SPDX id; say `{OTHER}` with {name!r} as its license_name")
    ids = {str(code).lower(): str(code) for code in _licensing().known_symbols}
    near = [ids[one] for one in get_close_matches(key, ids, 3, 0.7)] + get_close_matches(key, _spellings(), 1, 0.7)
    near = list(dict.fromkeys(_spellings().get(one, one) for one in near))[:3]
    asked = f"did you mean {' or '.join(near)}? Else" if near else "so"
    raise UnknownLicence(f"is no SPDX id; {asked} say `{OTHER}` with its license_name")
