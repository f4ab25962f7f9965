"""``winnow diff``: each kind of change is named with its rows, and nothing else is."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Clone
from tests.test_pipeline import STAGES
from winnow.versions.compare import CHANGES, COLUMNS, compare
from winnow.versions.shown import as_lines, as_markdown

CHAT = Path("data/raw/demo/messages/chat.jsonl.gz")


@pytest.fixture(scope="module")
def changed(built: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with a committed version and a working tree that differs from it in known rows."""
    clone = built.copy(tmp_path_factory.mktemp("diff") / "clone")
    clone.run("git", "add", "-A")
    clone.run("git", "commit", "-qm", "built", "--allow-empty")
    file = clone.folder / CHAT
    rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).decode().splitlines()[:10]]
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    rows[0]["messages"][1]["content"] = rows[0]["messages"][1]["content"].replace("hot apple juice", "warm pear juice")
    rows[1]["id"] = "chat-002-new"
    lines[:10] = [json.dumps(row, ensure_ascii=False) for row in (rows[0], rows[1], *rows[3:10])]
    lines.append(json.dumps({**rows[4], "id": "chat-new", "messages": [
        {"role": "user", "content": "Which tree keeps its needles all winter and loses none?"},
        {"role": "assistant", "content": "Spruces, firs and pines keep theirs; the larch does not."},
    ]}))  # fmt: skip
    file.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n", mtime=0))
    clone.params("  long_response: 20000", "  long_response: 180")
    clone.stages(*STAGES[1 : STAGES.index("export") + 1])
    clone.run("dvc", "commit", "--force", "--quiet")
    return clone


def winnow(clone: Clone, *arguments: str) -> str:
    return clone.run("python3", "-c", "from winnow.cli.main import main; main()", *arguments).stdout


def test_every_change_is_named_with_its_rows(changed: Clone) -> None:
    found = json.loads(winnow(changed, "diff", "--json", "--examples", "500"))
    rows = {change: [one["row_id"] for one in found["examples"][change]] for change in CHANGES}
    assert {change: len(ids) for change, ids in rows.items()} == {c: found["counts"][c] for c in CHANGES}
    assert set(rows["added"]) == {"demo_messages:chat-002-new", "demo_messages:chat-new"}
    assert set(rows["gone"]) >= {"demo_messages:chat-002", "demo_messages:chat-003"}
    assert found["replaced"] == [["demo_messages:chat-002", "demo_messages:chat-002-new"]]
    edited = {one["row_id"]: one["fields"] for one in found["examples"]["edited"]}
    assert edited.keys() == {"demo_messages:chat-001"}
    pieces = edited["demo_messages:chat-001"]["messages[1].content"]
    assert [piece for piece in pieces if piece[0] != "="] == [
        ["-", "hot"],
        ["+", "warm"],
        ["-", "apple"],
        ["+", "pear"],
    ]
    removed = found["examples"]["removed"]
    assert {one["reason"] for one in removed} == {"long_response"}
    assert all(one["value"] > one["limit"] == 180 for one in removed)
    assert found["by"]["reason"]["removed"] == {"long_response": len(removed)}
    assert sum(found["by"]["source"]["removed"].values()) == len(removed)


def test_a_release_is_named_by_its_number(changed: Clone) -> None:
    changed.run("git", "tag", "dataset@v1.0.0")
    by_number = json.loads(winnow(changed, "diff", "v1.0", "--json"))
    assert by_number["counts"] == json.loads(winnow(changed, "diff", "dataset@v1.0.0", "--json"))["counts"]
    assert by_number["counts"]["added"] == 2


def test_text_and_markdown_are_bounded_and_stable(changed: Clone) -> None:
    text, page = winnow(changed, "diff"), winnow(changed, "diff", "--md")
    assert "gone from the source" in text
    assert page.startswith("### Rows: `HEAD` to `workspace`")
    assert len(page) < 20_000
    assert winnow(changed, "diff", "--md") == page


def test_a_version_does_not_differ_from_itself(changed: Clone) -> None:
    found = json.loads(winnow(changed, "diff", "HEAD", "HEAD", "--json"))
    assert {name for name, count in found["counts"].items() if count} == {"unchanged"}


def test_revisions_are_read_from_the_cache_without_touching_the_work_tree(changed: Clone, tmp_path: Path) -> None:
    found = json.loads(winnow(changed, "diff", "--json"))
    copy = changed.copy(tmp_path / "copy")
    copy.run("git", "commit", "-qam", "changed")
    copy.run("git", "checkout", "-q", "HEAD~1")  # the files of data/ are still those of the newer version
    before = copy.run("git", "status", "--short").stdout
    assert json.loads(winnow(copy, "diff", "HEAD", "main", "--json")) == {**found, "b": "main"}
    assert copy.run("git", "status", "--short").stdout == before


def test_a_difference_takes_no_time_for_pandas(changed: Clone) -> None:
    code = "import sys; from winnow.cli.main import main; main(standalone_mode=False); print('pandas' in sys.modules)"
    assert changed.run("python3", "-c", code, "diff").stdout.splitlines()[-1] == "False"


def test_what_is_missing_is_said_in_one_sentence(changed: Clone, tmp_path: Path) -> None:
    copy = changed.copy(tmp_path / "copy")
    for folder in (copy.folder / ".dvc" / "cache").glob("**/*"):
        if folder.is_file():
            folder.unlink()
    for arguments, sentence in ((["HEAD"], "the data of HEAD is not here"), (["nope"], "there is no revision 'nope'")):
        done = copy.run("python3", "-c", "from winnow.cli.main import main; main()", "diff", *arguments, check=False)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert len(done.stderr.splitlines()) == 1


ROW = st.fixed_dictionaries(
    {
        "content_hash": st.sampled_from("xyz"),
        "status": st.sampled_from(["in", "out"]),
        "split": st.sampled_from(["train", "test"]),
        "repeats": st.integers(1, 2),
    }
)
VERSION = st.dictionaries(st.sampled_from([f"s:{n}" for n in range(8)]), ROW)


def index(rows: dict[str, dict[str, Any]]) -> pa.Table:
    full = [{"row_id": i, "source": "s", "stage": None, "reason": None, **row} for i, row in sorted(rows.items())]
    schema = pa.schema([(name, pa.int32() if name == "repeats" else pa.string()) for name in COLUMNS])
    return pa.Table.from_pylist(full, schema)


@given(VERSION, VERSION)
def test_a_comparison_accounts_for_every_row_that_is_in(a: dict[str, Any], b: dict[str, Any]) -> None:
    found = compare(index(a), index(b))
    ids = {change: set(found.table(change)["row_id"].to_pylist()) for change in CHANGES}
    inside = [{i for i, row in rows.items() if row["status"] == "in"} for rows in (a, b)]
    assert ids["added"] | ids["restored"] == inside[1] - inside[0]
    assert ids["removed"] | ids["gone"] == inside[0] - inside[1]
    assert ids["added"].isdisjoint(a)
    assert ids["gone"].isdisjoint(b)
    both = inside[0] & inside[1]
    assert ids["edited"] == {i for i in both if a[i]["content_hash"] != b[i]["content_hash"]}
    assert ids["moved"] == {i for i in both if a[i]["split"] != b[i]["split"]}
    assert found.unchanged == sum(a[i] == b[i] for i in both)


def test_nothing_in_a_row_breaks_out_of_the_markdown() -> None:
    nasty = "```\n</details><script>|`x`"
    examples: dict[str, Any] = {change: [] for change in CHANGES}
    examples["added"] = [{"row_id": "s:`1`", "text": nasty}]
    by = {"source": {"added": {"s|<b>": 1}}}
    found = {"a": "A", "b": "B", "counts": {"added": 1}, "by": by, "replaced": [], "examples": examples}
    page = as_markdown(found)
    assert "````text\n" in page
    assert "`s\\x7c<b>` 1" in page
    assert "s:`1`" in as_lines(found)[-2]
