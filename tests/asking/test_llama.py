"""``winnow ask`` against a real inference server: llama.cpp with a tiny model of random weights.

The server is built once by ``make inference``, in an environment of its own; without it these tests skip.
"""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY, Clone
from winnow.ledger.ledger import Ledger

PYTHON = Path(os.environ.get("WINNOW_INFERENCE", REPOSITORY / ".inference")) / "bin" / "python"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.pipeline,
    pytest.mark.skipif(not PYTHON.exists(), reason=f"no inference server at {PYTHON}: make inference builds one"),
]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server."""
    folder = tmp_path_factory.mktemp("llama")
    model = folder / "random.gguf"
    subprocess.run([PYTHON, Path(__file__).with_name("random_llama.py"), model], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "llama_cpp.server",
        "--model",
        model,
        "--model_alias",
        "random",
        "--n_ctx",
        "4096",
    ]
    command += ["--n_threads", "2", "--port", str(port)]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        url = f"http://127.0.0.1:{port}/v1"
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{url}/models", timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        yield url
        server.terminate()


def configure(clone: Clone, *, canaries: bool) -> None:
    clone.params("rubrics: []", "rubrics: [response]")
    clone.params("model: '' ", 'model: "random" ')
    clone.params("form: json_schema ", "form: json_object_schema ")
    clone.params("max_tokens: 1024 ", "max_tokens: 400 ")
    clone.params("share: 1.0  ", "share: 0.2  ")
    if not canaries:
        file = clone.folder / "data/rubrics/response.yaml"
        rubric = YAML(typ="safe").load(file)
        del rubric["canaries"]
        with file.open("w") as out:
            YAML().dump(rubric, out)
    clone.run("dvc", "repro", "judge")


def ask(clone: Clone, url: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return clone.run("winnow", "ask", "--yes", "--concurrency", "2", check=check, OPENAI_BASE_URL=url)


def test_a_real_server_is_asked_and_says_the_same_again(clone: Clone, llama: str) -> None:
    configure(clone, canaries=False)
    asked = json.loads((clone.folder / "metrics/judge.json").read_text())["requests"]["pending"]
    folder = clone.folder / "data/ledger/judge"
    tables = []
    for _ in range(2):
        ask(clone, llama)
        tables.append(Ledger.read(folder).table)
        for file in folder.glob("*.jsonl"):
            file.rename(clone.folder / "data" / f"{len(tables)}-{file.name}")
    first, again = tables
    assert first == again
    assert len(first) == asked > 20
    statuses = Counter(first["status"].to_pylist())
    assert set(statuses) <= {"ok", "cut", "rejected"}
    assert statuses["ok"] > asked / 2
    assert set(first["model"].to_pylist()) <= {"random", ""}
    for kept in (clone.folder / "data").glob("1-*.jsonl"):
        kept.rename(folder / kept.name.removeprefix("1-"))
    clone.run("dvc", "repro", "judge")
    numbers = json.loads((clone.folder / "metrics/judge.json").read_text())
    assert numbers["requests"]["pending"] == 0
    assert numbers["requests"]["used"] > asked / 2
    assert 1 <= numbers["mean"]["response"] <= 10


def test_a_model_of_random_weights_does_not_pass_the_canaries(clone: Clone, llama: str) -> None:
    configure(clone, canaries=True)
    told = ask(clone, llama, check=False)
    assert told.returncode == 1
    assert "canary" in told.stdout + told.stderr
    kept = Ledger.read(clone.folder / "data/ledger/judge")
    assert len(kept) <= 4  # the canaries, and no row


def test_a_form_that_the_server_does_not_know_is_explained(clone: Clone, llama: str) -> None:
    configure(clone, canaries=False)
    clone.params("form: json_object_schema ", "form: json_schema ")
    clone.run("dvc", "repro", "judge")
    told = ask(clone, llama, check=False)
    assert told.returncode == 1
    assert "judge.form" in told.stdout + told.stderr
