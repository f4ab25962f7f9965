"""The kinds of damage that advice is tested on, by name."""

from pathlib import Path

from tests.integrity.damage import (
    FILE,
    FOLDER,
    Damage,
    both,
    broken_change,
    cut,
    cut_between_stages,
    edit,
    empty,
    first,
    flip,
    gone,
    leftover,
    object_of,
    on,
    part_of,
    receipt,
    write,
)
from winnow.harness.cache import cache_folder
from winnow.integrity.lock import LOCK, RWLOCK, entries, read_lock

CODES = Path("data/filter")
BOUGHT, SINGLE = FOLDER / "b.jsonl", FILE
CASES: dict[str, Damage] = {
    # lock files
    "lock missing": on(gone, LOCK),
    "lock empty": on(empty, LOCK),
    "lock cut": on(cut, LOCK),
    "lock cut between stages": cut_between_stages,
    "lock of other bytes": edit("dvc.lock", "md5: ", "md5: 0"),
    "lock in conflict": write("dvc.lock", "<<<<<<< HEAD\nschema: '2.0'\n=======\n"),
    "lock no map": write("dvc.lock", "- 1\n"),
    "lock without stages": write("dvc.lock", "schema: '2.0'\n"),
    "rwlock torn": write(RWLOCK.as_posix(), ""),
    "dvc.yaml cut": on(cut, "dvc.yaml"),
    "dvc.yaml empty": on(empty, "dvc.yaml"),
    # what stages wrote, here
    "output flipped": on(flip, "data/filter/part-003.parquet"),
    "output cut": on(cut, "data/clean/records/part-000.parquet"),
    "output gone": on(gone, CODES),
    "part gone": on(gone, "data/mix/part-001.parquet"),
    "part added": write("data/split/more.txt", "mine"),
    "index flipped": on(flip, "data/index.parquet"),
    "index gone": on(gone, "data/index.parquet"),
    "export flipped": on(flip, "data/export/README.md"),
    "export cut": on(cut, "data/export/parquet/train.parquet"),
    "export gone": on(gone, "data/export"),
    "report gone": on(gone, "data/report"),
    "metrics flipped": on(flip, "metrics/mix.json"),
    "metrics gone": on(gone, "metrics/filter.json"),
    "all outputs gone": lambda: [on(gone, out.path)() for out in entries(read_lock() or {}, "outs")],
    # what stages wrote, in the cache
    "object flipped": on(flip, lambda: part_of(CODES)),
    "object cut": on(cut, lambda: part_of(CODES)),
    "object gone": on(gone, lambda: part_of(CODES)),
    "index object flipped": on(flip, lambda: object_of(Path("data/index.parquet"))),
    "listing flipped": on(flip, lambda: object_of(CODES)),
    "listing empty": on(empty, lambda: object_of(CODES)),
    "object and output": both(on(flip, lambda: part_of(CODES)), on(flip, "data/filter/part-000.parquet")),
    "object and no output": both(on(flip, lambda: part_of(CODES)), on(gone, CODES)),
    "listing and output": both(on(flip, lambda: object_of(CODES)), on(flip, "data/filter/part-000.parquet")),
    "one part each": both(on(flip, lambda: part_of(CODES)), on(flip, "data/filter/part-003.parquet")),
    "cache gone": lambda: gone(cache_folder()),
    # what was added, here
    "added file flipped": on(flip, SINGLE),
    "added file cut": on(cut, SINGLE),
    "added file gone": on(gone, SINGLE),
    "added folder flipped": on(flip, BOUGHT),
    "added folder gone": on(gone, FOLDER),
    "added folder has more": write("data/raw/bought/c.jsonl", "{}"),
    # what was added, in the cache
    "added object flipped": on(flip, lambda: object_of(FILE)),
    "added object gone": on(gone, lambda: object_of(FILE)),
    "added part flipped": on(flip, lambda: part_of(FOLDER)),
    "added part empty": on(empty, lambda: part_of(FOLDER)),
    "added listing flipped": on(flip, lambda: object_of(FOLDER)),
    "added, both flipped": both(on(flip, lambda: object_of(FILE)), on(cut, SINGLE)),
    "added, object flipped and file gone": both(on(flip, lambda: object_of(FILE)), on(gone, SINGLE)),
    "added, object gone and file cut": both(on(gone, lambda: object_of(FILE)), on(cut, SINGLE)),
    "added, one part each": both(on(flip, lambda: part_of(FOLDER)), on(flip, BOUGHT)),
    "added, same part": both(on(flip, lambda: part_of(FOLDER, 1)), on(flip, BOUGHT)),
    "added, listing and part": both(on(flip, lambda: object_of(FOLDER)), on(flip, BOUGHT)),
    "added, and an output": both(
        on(flip, lambda: object_of(FILE)), on(cut, SINGLE), on(flip, "data/filter/part-003.parquet")
    ),
    "added, and an output and its object": both(
        on(flip, lambda: object_of(FILE)), on(cut, SINGLE), on(flip, lambda: part_of(CODES)), on(gone, CODES)
    ),
    ".dvc file cut": on(empty, "data/raw/single.jsonl.dvc"),
    ".dvc file gone": on(gone, "data/raw/single.jsonl.dvc"),
    # what people wrote
    "patch cut": on(cut, first("data/patches/*/*.json")),
    "patch edited badly": on(
        lambda path: edit(path.as_posix(), '"author"', '"auhtor"')(), first("data/patches/*/*.json")
    ),
    "patch new and wrong": write("data/patches/demo_alpaca/new.json", '{"row_id": "mine"'),
    "patch gone": on(gone, first("data/patches/*/*.json")),
    "label cut": on(cut, first("data/labels/*/*.json")),
    "label new and wrong": write("data/labels/bob/x.json", "{"),
    "segment flipped": on(flip, first("data/ledger/judge/*.jsonl")),
    "segment cut": on(cut, first("data/ledger/judge/*.jsonl")),
    "segment gone": on(gone, first("data/ledger/judge/*.jsonl")),
    "segment's stray": write("data/ledger/judge/notes.txt", "mine"),
    "rubric cut": on(cut, "data/rubrics/response.yaml"),
    "prices empty": on(empty, "data/prices.yaml"),
    "raw file in Git cut": on(cut, "data/raw/demo/dolly/dolly.jsonl"),
    "settings cut": on(cut, "params.yaml"),
    "settings empty": on(empty, "params.yaml"),
    "settings no map": write("params.yaml", "- 1\n"),
    "notes below data": write("data/notes.txt", "mine"),
    "folder of a stage that is gone": write("data/my_old_stage/rows.csv", "mine"),
    "changelog": write("CHANGELOG.md", "# Changelog\n\nmine"),
    # runs
    "receipt edited": receipt("filter", '"stage": "filter"', '"stage": "filtre"'),
    "receipt of other inputs": receipt("mix", '"data/score/part-000.parquet": "', '"data/score/part-000.parquet": "0'),
    "receipt no JSON": write("data/receipts/split.json", "{"),
    "leftover": leftover("data"),
    "leftover beside metrics": leftover("metrics"),
    "change prepared": broken_change("prepare"),
    "change committed": broken_change("commit"),
    "code edited": edit("stages/mix.py", '"""Stage', 'OTHER = True\n"""Stage'),
}
IN_SHORT = (
    *("lock cut between stages", "output flipped", "added object flipped", "added, one part each", "patch cut"),
)
"""Those that ``make test`` looks at."""
