"""The demo data with a tagged release, and a working tree that differs from it."""

import pytest

from tests.conftest import Clone

WINNOW = ("python3", "-c", "from winnow.cli.main import main; main()")


@pytest.fixture(scope="session")
def released(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with the release dataset@v1.0.0, of which the working tree asks for longer instructions. Tests only read
    it.
    """
    clone = built.copy(tmp_path_factory.mktemp("released") / "clone")
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "built", "--allow-empty")
    clone.run(*WINNOW, "release", "v1.0.0")
    clone.params("  short_instruction: 4 ", "  short_instruction: 40 ")
    clone.stages("filter", "deduplicate", "decontaminate", "judge", "score", "accept", "split", "mix", "index")
    return clone
