"""The stages that ask a model: those whose entry in ``dvc.yaml`` says ``meta: {asks: "<module>:<value>"}``."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from winnow.harness.documents import parse_yaml
from winnow.harness.errors import UserError
from winnow.replies.folders import Locate

if TYPE_CHECKING:
    from winnow.replies.pending import Pending


def asking_stages(dvc: Path = Path("dvc.yaml")) -> dict[str, str]:
    """Return the name of each stage that asks a model, with the import path of its value, in the order of dvc.yaml."""
    entries = parse_yaml(dvc.read_text(encoding="utf-8"))["stages"]
    return {name: str(one["meta"]["asks"]) for name, one in entries.items() if "asks" in one.get("meta", {})}


def open_stage(name: str, path: str, params: Mapping[str, Any], locate: Locate = Path) -> "Pending[Any, Any]":
    """Return the stage whose value has the import path ``path``, by ``params.yaml`` and the files of one version.

    Raises :class:`UserError` where there is no such value.
    """
    module, _, value = path.partition(":")
    try:
        asking = getattr(importlib.import_module(module), value)
    except (ImportError, AttributeError) as error:
        raise UserError(f"dvc.yaml, {name}: meta.asks is {path!r}, which cannot be loaded ({error}).") from error
    stage: Pending[Any, Any] = asking.open(params, locate)
    return stage
