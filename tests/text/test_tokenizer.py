"""Exact token counts, and the errors where the package or the file is missing."""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from winnow.harness.errors import UserError
from winnow.text import tokenizer
from winnow.text.tokenizer import exact_tokens

WORDS = {
    "version": "1.0",
    "added_tokens": [],
    "pre_tokenizer": {"type": "Whitespace"},
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "hello": 1}, "unk_token": "[UNK]"},
}


@pytest.fixture(autouse=True)
def _forget() -> None:
    tokenizer._tokenizer.cache_clear()


def test_tokens_are_those_of_the_file(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(WORDS))
    assert exact_tokens(pa.array(["hello, world", "", "hello"]), str(path)).to_pylist() == [3, 0, 1]
    path.write_text("{}")
    tokenizer._tokenizer.cache_clear()
    with pytest.raises(UserError, match=r"is no tokenizer\.json"):
        exact_tokens(pa.array(["x"]), str(path))
    with pytest.raises(UserError, match="there is no file"):
        exact_tokens(pa.array(["x"]), str(tmp_path / "missing.json"))


def test_a_missing_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UserError, match=r"install winnow\[tokenizer\]"):
        exact_tokens(pa.array(["x"]), "tokenizer.json")
