"""Folders are hashed as DVC hashes them."""

import pytest

from tests.conftest import Clone
from winnow.harness.cache import cached
from winnow.harness.digests import digests
from winnow.integrity.lock import entries, read_lock
from winnow.integrity.trees import below, entry_hash, listing


@pytest.mark.pipeline
def test_hashes_are_those_that_dvc_records(built: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    lock = read_lock()
    assert lock
    for kind in ("deps", "outs"):
        for _, path, md5 in entries(lock, kind):
            files = digests([path])
            assert entry_hash(path, files) == md5, path
            if kind == "outs" and md5.endswith(".dir"):
                assert cached(md5).read_bytes() == listing(below(path, files))


def test_an_empty_folder_has_the_hash_of_an_empty_list() -> None:
    assert entry_hash("data/patches", {}) == "d751713988987e9331980363e24189ce.dir"
