"""What it costs to judge and score rows from a full ledger: ``python -m tests.campaigns.judged [ROWS]``.

Made-up rows, Chinese and English by turns, each judged by three rubrics (three requests a row) whose replies are all
in the ledger; then the stages ``judge`` and ``score`` as ``dvc repro`` runs them.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from tests.conftest import REPOSITORY
from tests.judging.scripted import verdict_of
from winnow.gates.decisions import decide
from winnow.judging.render import requests
from winnow.judging.settings import Settings
from winnow.ledger import segment
from winnow.ledger.line import Reply, to_line
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record
from winnow.records.schema import DECISIONS, RECORDS
from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import write_table

BUCKETS = 16
GROUP = {"rubrics": ["instruction", "response", "pair"], "model": "made-up"}
CHANGES = {
    "rubrics: []": "rubrics: [instruction, response, pair]",
    "model: ''": "model: made-up",
    "parts: {}": "parts: {response.overall: 2, pair.overall: 1, instruction.clarity: 1}",
    "minimum: false": "minimum: 0.5",
    "below: {}": "below: {pair.style: 3}",
}
ENGLISH = [
    "the",
    "a",
    "of",
    "rivers",
    "bread",
    "people",
    "water",
    "small",
    "why",
    "because",
    "slowly",
    "learn",
    "three",
]
CHINESE = [
    "我们",
    "因为",
    "河流",
    "面包",
    "可以",
    "三个",
    "例子",
    "学习",
    "数字",
    "慢慢",
    "人们",
    "水",
    "为什么",
    "给出",
]
FACTS = pa.schema([(name, pa.string()) for name in ("row_id", "language", "task", "domain", "difficulty", "form")])


def rows(count: int) -> list[pa.Table]:
    """Return made-up records by bucket, each sorted by id."""
    lot = random.Random(0)
    records: list[list[tuple[str, Record]]] = [[] for _ in range(BUCKETS)]
    for number in range(count):
        row_id = f"made:{number:07d}"
        words, space = (CHINESE, "") if number % 2 else (ENGLISH, " ")
        prompt, reply = (space.join(lot.choices(words, k=length)) for length in (20, 60))
        record = Record([Message("user", f"{prompt} {number}"), Message("assistant", reply)], (prompt,))
        records[bucket_of(row_id, BUCKETS)].append((row_id, record))
    tables = []
    for some in records:
        builder = RecordBuilder()
        for row_id, record in some:
            builder.append(row_id, "made", "MIT", "human", record)
        tables.append(builder.table())
    return tables


def build(folder: Path, count: int) -> int:
    """Write records, facts, decisions and the ledger below ``folder``; return the number of requests."""
    settings, lines = Settings.of("judge", GROUP), []
    for bucket, table in enumerate(rows(count)):
        ids = table["row_id"].combine_chunks()
        languages = ["zh" if int(row_id[5:]) % 2 else "en" for row_id in ids.to_pylist()]
        nothing = [pa.array(["other"] * len(ids))] * 4
        write_table(part(folder / "data/clean/records", bucket), table, RECORDS)
        write_table(
            part(folder / "data/annotate", bucket), pa.table([ids, pa.array(languages), *nothing], schema=FACTS), FACTS
        )
        write_table(part(folder / "data/decontaminate", bucket), decide(ids, {}), DECISIONS)
        for row, language in zip(table.to_pylist(), languages, strict=True):
            for rubric in settings.rubrics:
                for asked in requests(settings, {**row, "language": language}, rubric.name):
                    said = verdict_of(asked.request.body, [])
                    lines.append(to_line(Reply(asked.request.key, "ok", "made-up", "stop", said, 400, 60)).encode())
    segment.write(folder / "data/ledger/judge", lines, folder / "scratch")
    return len(lines)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for link in ("dvc.yaml", "stages", "data/rubrics"):
            (folder / link).parent.mkdir(parents=True, exist_ok=True)
            (folder / link).symlink_to(REPOSITORY / link)
        params = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
        for old, new in CHANGES.items():
            assert old in params
            params = params.replace(old, new)
        (folder / "params.yaml").write_text(params, encoding="utf-8")
        requests = build(folder, count)
        print(f"{count:,} rows, {requests:,} replies in the ledger")
        for stage in ("judge", "score"):
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            subprocess.run(
                [sys.executable, "-m", f"stages.{stage}"],
                cwd=folder,
                check=True,
                env={**os.environ, "PYTHONPATH": name},
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            wall, size = time.monotonic() - start, after.ru_maxrss // 1024
            print(f"{stage}: {cpu:.1f} CPU s, {wall:.1f} s of wall, largest process {size} MB")
        print((folder / "metrics/judge.json").read_text(), (folder / "metrics/score.json").read_text())


if __name__ == "__main__":
    main()
