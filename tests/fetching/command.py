"""Helpers for the tests of ``winnow fetch`` and ``winnow add``: run them, look at params.yaml, change it."""

import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from tests.fetching.server import SHA, Server, network
from winnow.cli.main import main
from winnow.fetching import presets as preset_module
from winnow.fetching.presets import Preset

OTHER = b'{"instruction": "Say more.", "input": "", "output": "More."}\n' * 9


def run(server: Server, *arguments: str, **changes: Any) -> Result:
    """Run ``winnow`` with the server's network."""
    return CliRunner().invoke(main, list(arguments), obj=network(server.certificate, **changes))


def source(name: str = "mine") -> dict[str, Any]:
    """Return the entry of a source in params.yaml."""
    entry: dict[str, Any] = YAML(typ="safe").load(Path("params.yaml").read_text(encoding="utf-8"))["sources"][name]
    return entry


def insert(entry: str) -> None:
    """Write an entry by hand, as the last source."""
    text = Path("params.yaml").read_text(encoding="utf-8")
    assert text.count("\n\nnormalize:") == 1
    Path("params.yaml").write_text(text.replace("\n\nnormalize:", f"\n{entry}\n\nnormalize:"), encoding="utf-8")


def nowhere(host: str, port: int, **options: Any) -> list[Any]:
    """Look up no name: this machine has no network."""
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def known(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be one preset, whose file the server has."""
    settings = {"adapter": "alpaca", "license": "MIT", "url": server.url(), "sha256": SHA, "attribution": "Them, 2023"}
    monkeypatch.setattr(preset_module, "presets", lambda: {"known": Preset("known", "a set", "1 MB", settings)})
