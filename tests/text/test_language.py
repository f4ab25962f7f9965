"""Language identification: accuracy on real sentences, scripts, and the same answer always."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.oracles import COLUMNS, column
from winnow.records.draw import sample
from winnow.text.language import UNKNOWN, identify, identify_pairs

REPOSITORY = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("WINNOW_REAL_DATA", REPOSITORY.parent / "shared" / "data")) / "language_id"


@pytest.mark.parametrize(
    "code", ["en", "zh", "ja", "ko", "de", "fr", "es", "pt", "it", "nl", "ru", "ar", "hi", "vi", "tr"]
)
def test_real_sentences(code: str) -> None:
    path = REAL / f"{code}.txt"
    if not path.exists():
        pytest.skip(f"{path} is not here; set WINNOW_REAL_DATA")
    sentences = path.read_text(encoding="utf-8").splitlines()
    codes = identify(pa.array(sentences)).codes
    assert (codes == code).mean() >= 0.97


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("請問臺北車站怎麼走？", "zh"),
        ("東京", "zh"),
        ("用Python写一个快速排序", "zh"),
        ("帮我把这句话翻译成英文：How are you doing today, my friend?", "zh"),
        ("Translate the word 你好 into English, please, and explain it.", "en"),
        ("東京タワーはどこですか", "ja"),
        ("서울역이 어디예요?", "ko"),
        ("Where is the nearest railway station?", "en"),
        ("See https://例え.jp/東京/東京/東京 for the whole story of this town.", "en"),
        ("Here is the function you asked for:\n```\nprint('你好世界，你好世界')\n```", "en"),
        ("12 + 3 = 15", UNKNOWN),
        ("https://example.org/a/b", UNKNOWN),
        ("😀🎉👍", UNKNOWN),
        ("", UNKNOWN),
        ("   \n", UNKNOWN),
        ("```\nint main() { return 0; }\n```", UNKNOWN),
    ],
)
def test_scripts_code_and_no_language(text: str, code: str) -> None:
    assert identify(pa.array([text])).codes.tolist() == [code]


def test_a_short_text_takes_the_language_of_its_row() -> None:
    of_instructions, of_responses = identify_pairs(
        pa.array(["Ok", "42"]), pa.array(["Paris is the capital of France.", "四十二"])
    )
    assert of_instructions.codes.tolist()[1] == UNKNOWN
    assert of_responses.codes.tolist() == ["en", "zh"]


@settings(max_examples=60, deadline=None)
@given(texts=COLUMNS, cut=st.integers(0, 8))
def test_any_text_has_an_answer_that_no_batch_changes(texts: list[str], cut: int) -> None:
    whole = identify(column(texts))
    parts = [identify(column(texts[:cut])), identify(column(texts[cut:]))]
    assert whole.codes.tolist() == [code for part in parts for code in part.codes]
    assert whole.confidence.tolist() == [value for part in parts for value in part.confidence]
    assert all(0 <= value <= 1 for value in whole.confidence)


UNSURE = ["Nada", "die Butter", "in casa", "no problem amigo, vamos a la playa today", "Merci vielmals", "ok ok la la"]


def test_a_fresh_process_answers_the_same() -> None:
    script = (
        "import pyarrow as pa; from winnow.text.language import identify, langdetect_vote;"
        f"t = {UNSURE!r}; print(identify(pa.array(t)).codes.tolist(), [langdetect_vote(x) for x in t])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "12345")
    }
    assert len(answers) == 1
    assert repr(identify(pa.array(UNSURE)).codes.tolist()) in answers.pop()


def test_the_audit_samples_by_id_alone() -> None:
    ids = [f"s:{n}" for n in range(2_000)]
    sampled = dict(zip(ids, sample(7, ids, "audit", 0.1), strict=True))
    assert 140 < sum(sampled.values()) < 260
    assert [sampled[one] for one in ids[::-3]] == sample(7, ids[::-3], "audit", 0.1).tolist()
    assert not sample(7, ids, "audit", 0.0).any()
    assert sample(7, ids, "audit", 1.0).all()
