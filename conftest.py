"""The examples of ``winnow.api`` run in a made-up version, as a reader would run them in a dataset."""

import pytest

from tests.made import write_version


@pytest.fixture(autouse=True)
def _in_a_version(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if isinstance(request.node, pytest.DoctestItem) and request.node.name.startswith("winnow.api."):
        monkeypatch.chdir(write_version(tmp_path_factory.mktemp("version")))
