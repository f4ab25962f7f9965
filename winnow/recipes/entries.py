"""Entries of a recipe's file, checked one by one; what is wrong is a :class:`UserError` that names the entry."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from winnow.harness.errors import UserError
from winnow.recipes.recipe import LANGUAGES

NAME = re.compile("[a-z0-9]+(?:_[a-z0-9]+)*")


class Entries:
    """Checks of entries; ``where`` names the file in errors."""

    def __init__(self, where: str) -> None:
        self.where = where

    def texts(self, entry: str, value: Any) -> dict[str, str]:
        """Return texts by language."""
        if not isinstance(value, Mapping) or not value or not set(value) <= set(LANGUAGES):
            self.wrong(entry, f"must be a map of {' and '.join(LANGUAGES)}, or one of them")
        if not all(isinstance(text, str) and text.strip() for text in value.values()):
            self.wrong(entry, "holds no text")
        return {language: value[language].strip() for language in LANGUAGES if language in value}

    def a_map(self, entry: str, value: Any) -> Mapping[str, Any]:
        """Return a value that is a map."""
        if not isinstance(value, Mapping):
            self.wrong(entry, "must be a map")
        return value

    def only(self, entry: str, value: Mapping[str, Any], known: tuple[str, ...]) -> None:
        """Check that a map has no other entries than those known."""
        if unknown := sorted(map(str, set(value) - set(known))):
            name = f"{entry}.{unknown[0]}" if entry else unknown[0]
            self.wrong(name, f"is no entry of a recipe there; there are {', '.join(known)}")

    def identifier(self, entry: str, value: Any) -> str:
        """Return a value that is a name."""
        if not isinstance(value, str) or not NAME.fullmatch(value):
            self.wrong(entry, f"must be a name of small letters, digits and _, not {value!r}")
        return str(value)

    def count(self, entry: str, value: Any, least: int = 1) -> int:
        """Return a value that is a whole number up to 100."""
        if type(value) is not int or not least <= value <= 100:
            self.wrong(entry, f"must be a whole number from {least} to 100, not {value!r}")
        return int(value)

    def one_of(self, entry: str, value: Any, allowed: tuple[Any, ...]) -> Any:
        """Return a value that is one of those allowed."""
        if not any(type(value) is type(one) and value == one for one in allowed):
            self.wrong(entry, f"must be one of {', '.join(map(str, allowed))}, not {value!r}")
        return value

    def wrong(self, entry: str, problem: str) -> NoReturn:
        """Raise what is wrong with an entry."""
        raise UserError(f"{self.where}, {entry} {problem}.")
