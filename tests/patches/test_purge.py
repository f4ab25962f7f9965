"""Purge, for every format and kind of file: the text is nowhere, and all other rows keep ids and words."""

import gzip
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.reading.project import BUCKETS, OUT, Project
from winnow.patches.drops import raw_digest
from winnow.patches.purge import Purged, purge
from winnow.patches.quotes import Quote
from winnow.records.record import canonical_json
from winnow.storage.buckets import read_all
from winnow.versions.outputs import Workspace

TEXT = " ".join(["zebra", "555-0100"])


def message(name: str, role: str, text: str, *replies: Any, **more: Any) -> dict[str, Any]:
    return {"message_id": name, "role": role, "text": text, "replies": list(replies), **more}


def tree(name: str, secret: str, *, deep: bool) -> dict[str, Any]:
    """Return a tree of two paths, one of which says the secret at its end or in its middle."""
    end = message(f"{name}-4", "assistant", "Then not." if deep else f"It is {secret}.", rank=0)
    middle = f"Who has {secret}?" if deep else "And whose number is it?"
    best = message(f"{name}-2", "assistant", "Ask me.", message(f"{name}-3", "prompter", middle, end), rank=0)
    return {"prompt": message(f"{name}-1", "prompter", f"A question of {name}?", best), "message_tree_id": name}


def flat(one: dict[str, Any], parent: str | None = None) -> list[dict[str, Any]]:
    own = {key: value for key, value in one.items() if key != "replies"}
    return [{**own, "parent_id": parent}, *(m for reply in one["replies"] for m in flat(reply, one["message_id"]))]


def task(name: str, *outputs: str) -> dict[str, Any]:
    return {"id": name, "instruction": f"Do {name}.", "instances": [{"input": "", "output": one} for one in outputs]}


def half(answer: str, score: float) -> dict[str, Any]:
    question = {"id": "q", "full_text": f"Which is better than {answer[:5]}?"}
    return {
        "question": question,
        "quotes": {"title": [], "extract": []},
        "answer": answer,
        "tokens": {},
        "score": score,
    }


def pair(one: str, other: str) -> list[dict[str, Any]]:
    first, second = half(one, 0.5), half(other, -0.5)
    return [first, {**second, "question": first["question"]}]


def lines(values: list[Any]) -> bytes:
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def turns(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"Ask {text[:4]}?"}, {"role": "assistant", "content": text}]


def table(kind: str, columns: dict[str, Any]) -> bytes:
    data, sink = pa.table(columns), pa.BufferOutputStream()
    if kind == "parquet":
        pq.write_table(data, sink)
    else:
        with (pa.ipc.new_file if kind == "file" else pa.ipc.new_stream)(sink, data.schema) as writer:
            writer.write_table(data)
    return bytes(sink.getvalue())


SAYS, CHATS = f"It is {TEXT}.", [turns(one) for one in ("One stays.", f"It is {TEXT}.", "Two stays.")]
CELLS = {"q": ["Who is A?", "Who is B?", "Who is C?"], "a": ["Nobody.", SAYS, "Somebody."]}
ROWS = [{"instruction": f"Say {n}.", "input": "", "output": SAYS if n == 1 else f"{n} it is."} for n in range(3)]
TSV = "q\ta\nWho is A?\tNobody.\nWho is B?\tIt is " + TEXT + ".\nWho is C?\tSomebody.\n"
FORMATS: dict[str, tuple[str, str, Callable[[], bytes], dict[str, Any]]] = {
    "trees": ("oasst", "a.jsonl", lambda: lines([tree("s", TEXT, deep=True), tree("t", TEXT, deep=False)]), {}),
    "trees that stay": ("oasst", "a.jsonl", lambda: lines([tree("s", TEXT, deep=True), tree("u", "", deep=True)]), {}),
    "messages of trees": ("oasst", "a.jsonl", lambda: lines(flat(tree("s", TEXT, deep=False)["prompt"])), {}),
    "tasks": ("self_instruct", "a.jsonl", lambda: lines([task("s", "One.", SAYS, "Three."), task(TEXT, "No.")]), {}),
    "instances": (
        "natural_instructions",
        "a.json",
        lambda: json.dumps({
            "Definition": ["Do it."],
            "Positive Examples": [{"input": "a", "output": SAYS}],
            "Instances": [{"id": f"i{n}", "input": f"{n}", "output": [SAYS if n == 1 else "Done."]} for n in range(3)],
        }, indent=1).encode(),
        {},
    ),
    "a task that says it": (
        "natural_instructions",
        "a.json",
        lambda: json.dumps({"Definition": [f"Call {TEXT}."], "Instances": [{"input": "a", "output": ["b"]}]}).encode(),
        {},
    ),
    "pairs": ("webgpt", "a.jsonl", lambda: lines([pair(SAYS, "Left."), pair("Yes.", "Wrong."), pair("Up", SAYS)]), {}),
    "lines in zstd": ("alpaca", "a.jsonl.zst", lambda: zstandard.compress(lines(ROWS)), {}),
    "lines in gzip": ("alpaca", "a.jsonl.gz", lambda: gzip.compress(lines(ROWS)), {}),
    "array in zstd": ("alpaca", "a.json.zst", lambda: zstandard.compress(json.dumps(ROWS, indent=1).encode()), {}),
    "tsv": ("table", "a.tsv", TSV.encode, {"instruction": "q", "response": "a"}),
    "tsv in gzip": ("table", "a.tsv.gz", lambda: gzip.compress(TSV.encode()), {"instruction": "q", "response": "a"}),
    **{
        kind: ("table", name, partial(table, kind, CELLS), {"instruction": "q", "response": "a"})
        for kind, name in (("parquet", "a.parquet"), ("file", "a.arrow"), ("stream", "a.arrow"))
    },
    "parquet of lists": ("messages", "a.parquet", lambda: table("parquet", {"messages": CHATS}), {}),
    "arrow of dictionaries": (
        "table",
        "a.arrow",
        lambda: table("file", {name: pa.array(cells).dictionary_encode() for name, cells in CELLS.items()}),
        {"instruction": "q", "response": "a"},
    ),
}  # fmt: skip


SHORTER = {"trees": {"s:s-2", "s:t-2"}, "trees that stay": {"s:s-2"}, "messages of trees": {"s:s-2"}}
"""Rows of conversations that end now before the message that is gone."""


def purged(project: Project, quote: Quote | None) -> tuple[Purged, dict[str, str], set[str]]:
    """Return what a purge writes, what each row says by id, and the ids of the rows that say the text."""
    records, left = project.read(), read_all(OUT / "left_out", BUCKETS).to_pylist()
    says = {one["row_id"]: canonical_json(one) for one in records}
    gone = {one["row_id"]: (one["content_hash"], one["metadata"]) for one in records if TEXT in says[one["row_id"]]}
    units = {one["unit_id"]: raw_digest(one["unit_id"]) for one in left if TEXT in one["raw"]}
    return purge(Workspace(), {**gone, **units}, quote), says, set(gone)


@pytest.mark.parametrize("name", FORMATS)
def test_the_text_goes_and_every_other_row_stays(project: Project, name: str) -> None:
    adapter, file, content, options = FORMATS[name]
    project.source("s", {}, adapter, **options)
    path = Path("data/raw/s") / file
    path.write_bytes(content())
    found, before, gone = purged(project, Quote(TEXT))
    assert gone
    assert found.left == {}
    assert list(found.contents) == [path]
    path.write_bytes(found.contents[path])
    after = {one["row_id"]: canonical_json(one) for one in project.read()}
    new = {row_id: after.pop(row_id) for row_id in after.keys() - before.keys()}
    assert {row_id: text for row_id, text in before.items() if row_id not in gone} == after
    assert new.keys() == SHORTER.get(name, set())
    after |= new
    everything = canonical_json([after, read_all(OUT / "left_out", BUCKETS).to_pylist()])
    assert TEXT not in everything
    again, *_ = purged(project, Quote(TEXT))
    assert again.contents == {}, "what is gone is not looked for again"


def test_without_a_text_values_of_several_rows_are_left_and_named(project: Project) -> None:
    project.source("s", {"a.jsonl": [tree("s", TEXT, deep=True)]}, "oasst")
    found, *_ = purged(project, None)
    assert found.contents == {}
    assert found.left == {
        Path("data/raw/s/a.jsonl"): "one value of the format oasst holds several rows; give the text by --text"
    }


def test_a_unit_of_which_only_the_start_is_known_is_named(project: Project) -> None:
    project.params["normalize"]["max_unit_chars"] = 2_000
    long = {"instruction": f"Call {TEXT}.", "input": "", "output": "x" * 3_000}
    project.source("s", {"a.jsonl": [long, *ROWS]})
    found, *_ = purged(project, Quote(TEXT))
    path = Path("data/raw/s/a.jsonl")
    assert "longer than normalize.max_unit_chars" in found.left[path]
    assert found.units[path] == 1
    assert found.contents[path].decode().splitlines()[0] == json.dumps(long)
