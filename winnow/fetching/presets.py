"""Presets: public sets that are known by name, from ``presets.yaml``, checked like any entry of ``params.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from winnow.harness.documents import parse_yaml
from winnow.harness.errors import UserError


@dataclass(frozen=True)
class Preset:
    """A public set: what it is, how much is downloaded ("" where that is not known), and its entry but for ``path``."""

    name: str
    summary: str
    size: str
    settings: Mapping[str, Any]

    def entry(self, source: str) -> dict[str, Any]:
        """Return the entry ``sources.<source>``.

        >>> list(preset("belle_seed").entry("seed"))[:3]
        ['adapter', 'path', 'license']
        """
        return {"adapter": self.settings["adapter"], "path": source, **self.settings}


def presets() -> dict[str, Preset]:
    """Return every preset by its name, in the order of the names."""
    document = parse_yaml(files("winnow.fetching").joinpath("presets.yaml").read_text(encoding="utf-8"))
    return {
        name: Preset(name, about["summary"], about.get("size", ""), about["entry"])
        for name, about in sorted(document.items())
    }


def preset(name: str) -> Preset:
    """Return one preset; an unknown name is a :class:`UserError` that lists the known ones."""
    known = presets()
    if name not in known:
        raise UserError(f"there is no preset {name}; there are {', '.join(known)}.")
    return known[name]
