"""Why a unit cannot be read as its format."""

from typing import Any

KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}


class Unusable(Exception):
    """Raised by ``convert`` for a unit that cannot be read as this format; it is quarantined."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


def kind_of(value: Any) -> str:
    """Name the JSON type of ``value`` for a message.

    >>> kind_of(True), kind_of(None)
    ('true or false', 'null')
    """
    return "null" if value is None else KINDS[type(value)]
