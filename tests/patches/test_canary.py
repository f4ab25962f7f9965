"""A text in more than 20 places, taken down and purged through ``dvc repro``: where it is after each step."""

import gzip
import io
import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import Clone
from tests.ledger.replies import line, segment
from tests.patches.test_pipeline import winnow
from tests.patches.test_takedown import CANARY, STAYS, filler, places, plain, plant

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

BENCHMARK = "data/benchmarks/canary.jsonl"
LEDGER = "data/ledger/judge/"


def cached(clone: Clone) -> int:
    """Return how many objects of DVC's cache hold the text."""
    count = 0
    for file in (clone.folder / ".dvc/cache").rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        if data.startswith(b"PAR1"):
            text = json.dumps(pq.read_table(io.BytesIO(data)).to_pylist(), ensure_ascii=False, default=str)
        else:
            text = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode(errors="replace")
        count += plain(CANARY) in plain(text)
    return count


def elsewhere(found: Counter[str]) -> list[str]:
    return sorted(place for place in found if not place.startswith(STAYS))


@pytest.fixture(scope="module")
def base(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A built and committed clone with the text in sources, patches, the ledger and a benchmark, and a model to ask."""
    clone = built.copy(tmp_path_factory.mktemp("canary") / "clone")
    clone.params("  rubrics: []", "  rubrics: [response]")
    clone.params("  model: ''", '  model: "gpt-4o-mini"')
    plant(clone)
    segment(clone.folder / LEDGER, line(1, f"They ask for {CANARY}."), line(2, "Nothing of the kind."))
    item = {"id": "1", "question": f"Which of the towns by the sea had {CANARY} painted on its northern gate?"}
    (clone.folder / BENCHMARK).write_text(json.dumps(item) + "\n", encoding="utf-8")
    clone.params("  benchmarks:\n", f"  benchmarks:\n    canary: {{path: {BENCHMARK}, text: question}}\n")
    clone.run("dvc", "repro", "--quiet")
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "planted")
    return clone


def shown(clone: Clone) -> str:
    """Return what is shown of the difference to the commit, in every form, and the requests that would be sent."""
    winnow(clone, "ask", "--export", ".git/batch")
    batch = "".join(file.read_text(encoding="utf-8") for file in (clone.folder / ".git/batch").iterdir())
    forms = [winnow(clone, "diff", "HEAD", "--examples", "500", *form) for form in ((), ("--md",), ("--json",))]
    funnel = winnow(clone, "funnel")
    return plain("".join([*forms, funnel, batch]))


def test_a_takedown_leaves_the_text_where_the_page_says_and_nowhere_else(base: Clone, tmp_path: Path) -> None:
    assert len(places(base)) + sum(places(base).values()) > 40
    clone = base.copy(tmp_path / "clone")
    out = winnow(clone, "takedown", "--text", CANARY, "--yes", "--reason", "a private number")
    assert f"{BENCHMARK} holds it too" in out
    assert "data/ledger is left as it is" in out
    clone.run("dvc", "repro", "--quiet")
    found = places(clone)
    assert elsewhere(found) == [BENCHMARK, *(one for one in found if one.startswith(LEDGER))]
    assert plain(CANARY) not in shown(clone)
    assert clone.run(*("python3", "-c", "from winnow.cli.main import main; main()"), "verify").returncode == 0


def test_a_purge_and_gc_leave_it_nowhere(base: Clone, tmp_path: Path) -> None:
    clone = base.copy(tmp_path / "clone")
    out = winnow(clone, "takedown", "--text", CANARY, "--purge", "--yes", "--reason", "a private number")
    assert "1 replies removed" in out
    (clone.folder / BENCHMARK).write_text(json.dumps({"id": "1", "question": filler(99)}) + "\n", encoding="utf-8")
    clone.run("dvc", "repro", "--quiet")
    assert places(clone) == {}
    assert plain(CANARY) not in shown(clone)
    assert len((next((clone.folder / LEDGER).glob("*.jsonl"))).read_text(encoding="utf-8").splitlines()) == 1
    assert cached(clone) > 0
    clone.run("dvc", "gc", "--workspace", "--force", "--quiet")
    assert cached(clone) == 0
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "purged")
    assert clone.run("git", "grep", "-i", CANARY, check=False).stdout == ""
    verified = clone.run("python3", "-c", "from winnow.cli.main import main; main()", "verify", check=False)
    assert verified.stdout == "everything is whole\n"
