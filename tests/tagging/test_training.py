"""The learned tagger: trained on made-up rows, kept as a file without text, the same whatever the batch."""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from winnow.cli.main import main
from winnow.facts.subject import Settings
from winnow.facts.subjects.tags import tags
from winnow.facts.tags.model import as_bytes, as_table, load
from winnow.facts.texts import COLUMNS, texts
from winnow.harness.errors import UserError
from winnow.records.schema import RECORDS
from winnow.storage.buckets import part
from winnow.storage.parquet import write_table
from winnow.tagging.fit import Fitted, fitted
from winnow.tagging.labels import Said, judged, learned_from

NOBODY: Said = {"task": {}, "domain": {}, "difficulty": {}}
WORDS = {
    "college_physics": ["a wobbling grommet", "the tethered bobbin", "two colliding pucks", "a spinning flywheel"],
    "professional_law": ["a sealed covenant", "the absent tenant", "two rival heirs", "a verbal bargain"],
}
ASKED = ["How does {} behave?", "Say what follows from {}.", "In the case of {}, what holds?", "What of {}?"]
DAYS = ["on Monday", "in spring", "at dusk", "after the fair"]


def row(number: int, asked: str, answered: str = "It depends.", **metadata: str) -> dict[str, object]:
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    fields = {"row_id": f"s:{number}", "source": "s", "kind": "sft", "messages": turns}
    return {**fields, "metadata": json.dumps(metadata)}


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, RECORDS)


def made_up() -> Iterator[dict[str, object]]:
    number = 0
    for subject, things in WORDS.items():
        for thing in things:
            for form in ASKED:
                for day in DAYS:
                    yield row(number, f"{day} {form.format(thing)}", subject=subject)
                    number += 1


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clean") / "records"
    write_table(part(folder, 0), table(list(made_up())), RECORDS)
    return folder


@pytest.fixture(scope="module")
def domain(records: Path) -> Fitted:
    found = fitted("domain", learned_from(records, 1, NOBODY, lambda _: True)["domain"])
    assert found is not None
    return found


def kept(folder: Path, found: Fitted) -> Path:
    name, data = as_bytes(as_table({"domain": found.model}, {"domain": {"sources": {}}}))
    (folder / f"{name}.parquet").write_bytes(data)
    return folder / f"{name}.parquet"


def said(rows: list[dict[str, object]], model: Path | str) -> dict[str, pa.Array]:
    return tags(texts(table(rows).select(COLUMNS)), Settings(3, 0, 0, trust_source=False, tag_model=str(model)))


def test_what_no_lexicon_knows_is_learned_from_the_categories_of_a_source(domain: Fitted, tmp_path: Path) -> None:
    rows = [row(0, "Tell me about a wobbling grommet today"), row(1, "Tell me about rival heirs today")]
    assert said(rows, "")["domain"].to_pylist() == ["general", "general"]
    assert said(rows, kept(tmp_path, domain))["domain"].to_pylist() == ["science.physics", "law"]


def test_the_share_of_right_answers_is_that_of_rows_which_training_did_not_see(records: Path) -> None:
    rows = learned_from(records, 1, NOBODY, lambda _: True)["domain"]
    draw = np.random.default_rng(0)
    noise = rows._replace(labels=draw.permutation(rows.labels))
    found = fitted("domain", noise)
    assert found is not None
    assert 0.3 < (found.said == found.truth).mean() < 0.7  # labels without sense: two are right in half of all cases
    assert found.sure.max() < 0.75


def test_the_same_rows_make_the_same_bytes_and_a_model_is_read_as_it_was_made(domain: Fitted, tmp_path: Path) -> None:
    again = as_bytes(as_table({"domain": domain.model}, {"domain": {}}))
    assert again == as_bytes(as_table({"domain": domain.model}, {"domain": {}}))
    (tmp_path / f"{again[0]}.parquet").write_bytes(again[1])
    read = load(tmp_path / f"{again[0]}.parquet")["domain"]
    for made, found in zip(domain.model, read, strict=True):
        assert np.array_equal(np.asarray(made), np.asarray(found))


def test_a_model_holds_no_word_of_the_rows(domain: Fitted, tmp_path: Path) -> None:
    text = str(as_table({"domain": domain.model}, {"domain": {}}).to_pylist())
    assert "grommet" not in text
    assert "heirs" not in text


def test_a_row_has_the_same_tags_in_any_batch(domain: Fitted, tmp_path: Path) -> None:
    model, rows = kept(tmp_path, domain), list(made_up())[::7]
    together = said(rows, model)
    for at in (0, 3, len(rows) - 1):
        assert {name: column[at] for name, column in together.items()} == {
            name: column[0] for name, column in said([rows[at]], model).items()
        }


def test_a_row_without_evidence_is_general(domain: Fitted, tmp_path: Path) -> None:
    unsure = domain.model._replace(margins=np.array([1e-6]), confidences=np.array([0.1, 0.9]))
    found = said([row(0, "Zzyzx qwv", "Ffo")], kept(tmp_path, domain._replace(model=unsure)))
    assert found["domain_confidence"][0].as_py() in (0.1, 0.9)
    assert (found["domain"][0].as_py() == "general") == (found["domain_confidence"][0].as_py() == 0.1)


def test_a_model_that_is_missing_or_damaged_is_named(domain: Fitted, tmp_path: Path) -> None:
    path = kept(tmp_path, domain)
    with pytest.raises(UserError, match=r"annotate\.tag_model"):
        load(tmp_path / "0123456789abcdef.parquet")
    damaged = tmp_path / "0000000000000000.parquet"
    damaged.write_bytes(path.read_bytes())
    with pytest.raises(UserError, match="its name is not the digest"):
        load(damaged)


def test_labels_of_judges_win_over_those_of_sources(records: Path) -> None:
    facts = pa.table(
        {
            "row_id": ["s:0", "s:1"],
            "criterion": ["domain", "domain"],
            "label": ["daily.food", None],
            "rubric": ["t"] * 2,
        }
    )
    rows = learned_from(records, 1, judged(iter([facts])), lambda _: True)["domain"]
    labels = dict(zip(rows.row_ids, rows.labels, strict=True))
    assert (labels["s:0"], labels["s:1"]) == ("daily.food", "science.physics")


def test_rows_with_the_same_opening_words_are_in_one_group(tmp_path: Path) -> None:
    opening = "Read this and say in a word which of the two it is:"
    rows = [row(0, f"{opening} one"), row(1, f"{opening} two"), row(2, "Another one")]
    write_table(part(tmp_path, 0), table(rows), RECORDS)
    one, two, other = learned_from(tmp_path, 1, NOBODY, lambda _: True)["task"].groups
    assert one == two != other


def test_the_command_writes_the_model_and_names_it(repository: Path) -> None:
    buckets = 16
    by_bucket: dict[int, list[dict[str, object]]] = {bucket: [] for bucket in range(buckets)}
    for one in made_up():
        by_bucket[zlib.crc32(str(one["row_id"]).encode()) % buckets].append(one)
    for bucket, rows in by_bucket.items():
        write_table(part(repository / "data/clean/records", bucket), table(rows), RECORDS)
    before = Path("params.yaml").read_text(encoding="utf-8")
    dry = CliRunner().invoke(main, ["train-tags", "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert Path("params.yaml").read_text(encoding="utf-8") == before
    result = CliRunner().invoke(main, ["train-tags"])
    assert result.exit_code == 0, result.output
    assert "domain" in result.output
    after = Path("params.yaml").read_text(encoding="utf-8")
    [changed] = [new for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    name = changed.split()[1]
    assert load(Path("data/models") / f"{name}.parquet").keys() == {"domain"}
    assert "# the learned tagger" in changed


def test_without_labels_there_is_nothing_to_learn(repository: Path) -> None:
    for bucket in range(16):
        rows = [row(0, "Hello")] if bucket == 0 else []
        write_table(part(repository / "data/clean/records", bucket), table(rows), RECORDS)
    result = CliRunner().invoke(main, ["train-tags"])
    assert result.exit_code == 1
    assert "nothing to learn from" in result.output
