"""Kinds of constraints read from their files, every entry checked, and their golden texts held against the checker."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from winnow.constraints.check import COUNT, arguments_of, met
from winnow.constraints.kinds import GROUPS, LANGUAGES, Golden, Kind, Range, Values
from winnow.harness.documents import read_map
from winnow.harness.errors import UserError

_NAME = re.compile("[a-z0-9]+(?:_[a-z0-9]+)*")
_KEYS = ("about", "group", "check", "arguments", "text", "mentions", "suits", "conflicts", "golden")


def kinds(folder: Path) -> dict[str, Kind]:
    """Return every kind by name, in the order of names; conflicts hold both ways.

    A mistake in a file is a :class:`UserError` that names the file and the entry.
    """
    found = {path.stem: read(path) for path in sorted(folder.glob("*.yaml"))}
    mutual = {name: set(kind.conflicts) for name, kind in found.items()}
    for name, kind in found.items():
        for other in sorted(kind.conflicts):
            if other not in found:
                raise UserError(f"{folder / name}.yaml, conflicts names {other}, no file of {folder}.")
            mutual[other].add(name)
    return {name: replace(kind, conflicts=frozenset(mutual[name])) for name, kind in found.items()}


def read(path: Path) -> Kind:
    """Return the kind in a file; whatever is wrong in it is a :class:`UserError` that names the entry."""
    return _Reader(path).kind()


class _Reader:
    """Checks one file entry by entry."""

    def __init__(self, path: Path) -> None:
        self.path, self.document = path, read_map(path)

    def kind(self) -> Kind:
        document = self.document
        self.only("", document, _KEYS)
        if not _NAME.fullmatch(self.path.stem):
            raise UserError(f"{self.path}: the name of a constraint has small letters, digits and _.")
        if document.get("group") not in GROUPS:
            self.wrong("group", f"must be one of {', '.join(GROUPS)}, not {document.get('group')!r}")
        check = document.get("check")
        wanted = arguments_of(check) if isinstance(check, str) else None
        if wanted is None:
            self.wrong("check", f"is {check!r}, which nothing checks; winnow/constraints has measures and phrases")
        arguments = self.arguments(document.get("arguments") or {}, wanted)
        text = self.wordings(document.get("text"), wanted)
        made = Kind(
            self.path.stem,
            document["group"],
            str(check),
            arguments,
            text,
            self.texts("mentions", document.get("mentions") or {}, text),
            self.names("suits"),
            frozenset(self.names("conflicts")),
            tuple(self.golden(text, wanted)),
        )
        self.try_golden(made)
        return made

    def arguments(self, value: Any, wanted: Mapping[str, type]) -> dict[str, Range | Values]:
        given = self.a_map("arguments", value)
        if set(given) != set(wanted):
            self.wrong("arguments", f"must be {', '.join(wanted) or 'left out'}: what the check takes")
        found: dict[str, Range | Values] = {}
        for name, kind in wanted.items():
            at, one = f"arguments.{name}", self.a_map(f"arguments.{name}", given[name])
            if kind is int:
                self.only(at, one, ("from", "to"))
                low, high = one.get("from"), one.get("to")
                if type(low) is not int or type(high) is not int or not 0 <= low <= high:
                    self.wrong(at, "must say from and to, whole numbers")
                found[name] = Range(low, high)
            else:
                found[name] = Values(self.texts(at, one, LANGUAGES))
        return found

    def wordings(self, value: Any, wanted: Mapping[str, type]) -> dict[str, tuple[str, ...]]:
        texts = self.texts("text", value, LANGUAGES)
        if not texts or not all(texts.values()):
            self.wrong("text", f"must have wordings in {' or '.join(LANGUAGES)}")
        allowed = {*wanted, *(("number", "s") if COUNT in wanted else ())}
        for language, wordings in texts.items():
            for wording in wordings:
                used = set(re.findall(r"\{(\w*)\}", wording))
                said = used | ({COUNT} if "number" in used else set())
                if not used <= allowed or not set(wanted) <= said or not wording.endswith((".", "。")):
                    self.wrong(
                        f"text.{language}", f"must be sentences that name {{{'}, {'.join(wanted)}}}: {wording!r}"
                    )
        return texts

    def golden(self, languages: Collection[str], wanted: Mapping[str, type]) -> list[Golden]:
        listed = self.a_map("golden", self.document.get("golden"))
        if set(listed) != set(languages):
            self.wrong("golden", f"must have texts in {' and '.join(languages)}, the languages of its wordings")
        found = []
        for language, some in listed.items():
            for number, value in enumerate(some if isinstance(some, list) else [some]):
                at = f"golden.{language}[{number}]"
                one = self.a_map(at, value)
                self.only(at, one, ("arguments", "met", "unmet"))
                arguments = self.a_map(f"{at}.arguments", one.get("arguments") or {})
                if {name: type(given) for name, given in arguments.items()} != dict(wanted):
                    self.wrong(f"{at}.arguments", f"must be {', '.join(wanted) or 'left out'}")
                met_, unmet = (self.a_list(f"{at}.{key}", one.get(key) or []) for key in ("met", "unmet"))
                found.append(Golden(language, dict(arguments), met_, unmet))
        for language in languages:
            mine = [one for one in found if one.language == language]
            if not any(one.met for one in mine) or not any(one.unmet for one in mine):
                self.wrong(f"golden.{language}", "must have a text that meets the constraint, and one that does not")
        return found

    def try_golden(self, kind: Kind) -> None:
        for one in kind.golden:
            for texts, right in ((one.met, True), (one.unmet, False)):
                found = met(texts, [kind.constraint(one.language, one.arguments)] * len(texts))
                for text, result in zip(texts, found.tolist(), strict=True):
                    if result is not right:
                        said = "meets the constraint" if result else "does not meet the constraint"
                        self.wrong(f"golden.{one.language}", f"says otherwise, but {text[:60]!r} {said}")

    def texts(self, entry: str, value: Any, languages: Collection[str]) -> dict[str, tuple[str, ...]]:
        given = self.a_map(entry, value)
        self.only(entry, given, tuple(languages))
        return {name: self.a_list(f"{entry}.{name}", given[name]) for name in LANGUAGES if name in given}

    def names(self, entry: str) -> tuple[str, ...]:
        listed = self.a_list(entry, self.document.get(entry) or [])
        if not all(_NAME.fullmatch(one) for one in listed) or len(set(listed)) < len(listed):
            self.wrong(entry, "must be a list of names, each once")
        return listed

    def a_list(self, entry: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.wrong(entry, "must be a list of texts")
        return tuple(value)

    def a_map(self, entry: str, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.wrong(entry, "must be a map")
        return value

    def only(self, entry: str, value: Mapping[str, Any], known: tuple[str, ...]) -> None:
        if unknown := sorted(map(str, set(value) - set(known))):
            name = f"{entry}.{unknown[0]}" if entry else unknown[0]
            self.wrong(name, f"is no entry there; there may be {', '.join(known)}")

    def wrong(self, entry: str, problem: str) -> NoReturn:
        raise UserError(f"{self.path}, {entry} {problem}.")
