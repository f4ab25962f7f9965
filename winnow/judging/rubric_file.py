"""Rubrics read from their files, every entry checked."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from winnow.harness.documents import read_map
from winnow.harness.errors import UserError
from winnow.judging.rubric import (
    BOTH,
    CHOSEN,
    COMPARISON,
    GIVEN,
    HIGHEST,
    LABELS,
    LANGUAGES,
    LOWEST,
    OVERALL,
    PREFERRED,
    REJECTED,
    SCORES,
    TIE,
    TWO_SCORES,
    VERDICT,
    Criterion,
    Known,
    Rubric,
)

_NAME = re.compile("[A-Za-z0-9]+(?:_+[A-Za-z0-9]+)*")
_SECTIONS = ("prompt", "response")
_KEYS = {"kind", "shows", "reference", "task", "criteria", "reply", "orders", "canaries"}


def load(name: str, folder: Path) -> Rubric:
    """Return the rubric ``name``; whatever is wrong in its file is a :class:`UserError` that names the entry."""
    if not (folder / f"{name}.yaml").is_file():
        there = ", ".join(sorted(path.stem for path in folder.glob("*.yaml"))) or "none"
        raise UserError(f"params.yaml: judge.rubrics names {name!r}, which is no file of {folder}; there are {there}.")
    return _Reader(folder / f"{name}.yaml").rubric()


class _Reader:
    """Checks one file entry by entry."""

    def __init__(self, path: Path) -> None:
        self.path, self.document = path, read_map(path)

    def rubric(self) -> Rubric:
        document = self.document
        if unknown := sorted(map(str, set(document) - _KEYS)):
            self.wrong(unknown[0], f"is no entry of a rubric; there are {', '.join(sorted(_KEYS))}")
        kind = self.one_of("kind", document.get("kind"), (SCORES, LABELS, COMPARISON))
        task = self.texts("task", document.get("task"))
        shows = document.get("shows", list(_SECTIONS))
        if not isinstance(shows, list) or not shows or not all(one in _SECTIONS for one in shows):
            self.wrong("shows", f"may hold {' and '.join(_SECTIONS)}, not {document.get('shows')!r}")
        asked = document.get("criteria") or {}
        if not isinstance(asked, Mapping):
            self.wrong("criteria", "must be a map of names to what is asked")
        criteria = tuple(self.criterion(name, one, kind) for name, one in asked.items())
        if kind == COMPARISON and criteria:
            self.wrong("criteria", "stand in the task of a comparison, which gives one verdict; leave them out")
        if kind != COMPARISON and not criteria:
            self.wrong("criteria", "are missing")
        rubric = Rubric(
            self.path.stem,
            kind,
            tuple(name for name in _SECTIONS if name in shows),
            task,
            criteria,
            self.one_of("reference", document.get("reference", False), (True, False)),
            self.one_of("reply", document.get("reply", VERDICT), (VERDICT, TWO_SCORES)),
            self.one_of("orders", document.get("orders", BOTH), (BOTH, GIVEN)),
        )
        if rubric.reply == TWO_SCORES and kind != COMPARISON:
            self.wrong("reply", "may be two_scores in a comparison only")
        for one in criteria:
            if set(one.about) != set(task):
                self.wrong(f"criteria.{one.name}", f"must be written in {' and '.join(task)}, as the task is")
        known = document.get("canaries") or []
        if not isinstance(known, list):
            self.wrong("canaries", "must be a list")
        return replace(rubric, canaries=tuple(self.canary(n, one, rubric) for n, one in enumerate(known)))

    def criterion(self, name: Any, one: Any, kind: str) -> Criterion:
        entry = f"criteria.{name}"
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.wrong(entry, "must be a name of letters, digits and, between them, _")
        if name in (OVERALL, PREFERRED, "reason"):
            self.wrong(entry, "is a name that Winnow uses itself; take another")
        if not isinstance(one, Mapping):
            self.wrong(entry, "must be a map of languages")
        listed = one.get("values") or []
        if not isinstance(listed, list):
            self.wrong(f"{entry}.values", "must be a list")
        values = tuple(map(str, listed))
        if (kind == LABELS) != (len(values) > 1) or len(set(values)) != len(values):
            self.wrong(entry, "of kind labels needs values, two or more, each once; of other kinds none")
        return Criterion(name, self.texts(entry, {k: v for k, v in one.items() if k != "values"}), values)

    def canary(self, number: int, one: Any, rubric: Rubric) -> Known:
        entry = f"canaries[{number}]"
        if not isinstance(one, Mapping) or not {"name", "language", "prompt", "response", "expect"} <= set(one):
            self.wrong(entry, "needs name, language, prompt, response and expect")
        if rubric.kind == COMPARISON and "other" not in one:
            self.wrong(entry, "needs the other reply too, as other")
        expect = one["expect"]
        names = {"preferred"} if rubric.kind == COMPARISON else {criterion.name for criterion in rubric.criteria}
        if not isinstance(expect, Mapping) or not set(expect) <= names or not expect:
            self.wrong(f"{entry}.expect", f"must name some of {', '.join(sorted(names))}")
        words = {PREFERRED: (CHOSEN, REJECTED, TIE)} if rubric.kind == COMPARISON else dict(rubric.allowed)
        for criterion, value in expect.items():
            span = isinstance(value, list) and len(value) == 2 and all(type(v) in (int, float) for v in value)
            if rubric.kind != SCORES:
                self.one_of(f"{entry}.expect.{criterion}", value, words[criterion])
            elif not (span and LOWEST <= value[0] <= value[1] <= HIGHEST):
                self.wrong(
                    f"{entry}.expect.{criterion}", f"must be a lowest and a highest score in {LOWEST} to {HIGHEST}"
                )
        name, language, prompt, response = (one[key] for key in ("name", "language", "prompt", "response"))
        other = one.get("other", "")
        if not all(isinstance(text, str) for text in (name, language, prompt, response, other)):
            self.wrong(entry, "has an entry that is no text")
        return Known(name, language, prompt, response, other, dict(expect))

    def texts(self, entry: str, value: Any) -> dict[str, str]:
        if not isinstance(value, Mapping) or not value or not set(value) <= set(LANGUAGES):
            self.wrong(entry, f"must be a map of {' and '.join(LANGUAGES)}, or one of them")
        if not all(isinstance(text, str) and text.strip() for text in value.values()):
            self.wrong(entry, "holds no text")
        return {language: value[language].strip() for language in LANGUAGES if language in value}

    def one_of(self, entry: str, value: Any, allowed: tuple[Any, ...]) -> Any:
        if value not in allowed:
            self.wrong(entry, f"must be one of {', '.join(map(str, allowed))}, not {value!r}")
        return value

    def wrong(self, entry: str, problem: str) -> None:
        raise UserError(f"{self.path}, {entry} {problem}.")
