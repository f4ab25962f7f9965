"""Entries of ``sources`` without files: rows that models write by a plan."""

from collections.abc import Mapping
from typing import Any

from winnow.harness.errors import UserError

WRITTEN = "written"
"""The adapter of such an entry: its raw units are the slots of the plan, and the replies that were bought."""


def plans_of(sources: Mapping[str, Any]) -> dict[str, str]:
    """Return the source of each plan that an entry of ``sources`` reads; two for one plan are a :class:`UserError`."""
    found: dict[str, str] = {}
    for name, value in sorted(sources.items(), key=lambda one: str(one[0])):
        if isinstance(value, Mapping) and value.get("adapter") == WRITTEN:
            plan = str(value.get("plan"))
            if plan in found:
                raise UserError(f"params.yaml: sources.{name} and sources.{found[plan]} both read the plan {plan}.")
            found[plan] = str(name)
    return found
