"""Values that no refactoring may change: the demo release's bytes, keys of bought replies, every seeded draw."""

import hashlib
import json

import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import REPOSITORY, Clone
from tests.judging.replies import row, settings, table
from winnow.gates.splitting import assign
from winnow.judging.render import requests
from winnow.records.draw import draw, sample
from winnow.storage.parquet import read_table

PINS = json.loads((REPOSITORY / "tests/cases/pins.json").read_text(encoding="utf-8"))
IDS = pa.chunked_array([[f"s:{number}" for number in range(1000)]])


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


@pytest.mark.pipeline
def test_bytes_of_the_demo_release(built: Clone) -> None:
    export = built.folder / "data/export"
    found = {
        file.relative_to(export).as_posix(): digest(file.read_bytes())
        for file in sorted(export.rglob("*"))
        if file.is_file()
    }
    index = read_table(built.folder / "data/index.parquet", ["row_id", "status", "split", "repeats"])
    found["index"] = digest(json.dumps(index.to_pylist()).encode())
    assert found == PINS["release"]


def test_keys_of_requests_of_judge() -> None:
    rows = table(
        [
            row("Why is the sky blue?", "Air scatters blue light more than red light."),
            row("为什么天空是蓝色的？", "因为大气对蓝光的散射比对红光强得多。", "因为海是蓝的。"),
        ]
    ).to_pylist()
    rubrics = ["instruction", "response", "pair", "comparison", "tags"]
    plain = settings(rubrics=rubrics, model="m", seed=7)
    sampled = settings(rubrics=["pair"], model="m", samples=2, temperature=0.7, seed=7)
    keys = [
        one.request.key
        for found, chosen in ((plain, rows), (sampled, rows[:1]))
        for rubric in found.rubrics
        for one_row, language in zip(chosen, ("en", "zh"), strict=False)
        for one in requests(found, {**one_row, "language": language}, rubric.name)
    ]
    assert len(keys) == 12
    assert keys == PINS["requests"]


def test_draws() -> None:
    splits = assign([f"prompt {number}" for number in range(1000)], 20230313, 0.1, 0.2)
    draws = {
        "split": digest(" ".join(splits).encode()),
        "mix": digest(draw(20230313, IDS, "mix").tobytes()),
        "report": digest(draw(None, IDS, "report").tobytes()),
        "diff": digest(draw(None, IDS, "diff").astype(">u8").tobytes()),
        "judge": digest(np.packbits(sample(20230313, IDS, "judge", 0.5)).tobytes()),
        "audit": digest(np.packbits(sample(20230313, IDS, "audit", 0.5)).tobytes()),
    }
    assert draws == PINS["draws"]
