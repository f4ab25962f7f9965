"""Records with traditional Chinese as simplified, in every text and nowhere else."""

import pyarrow as pa
import pyarrow.compute as pc

from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record, Rejected
from winnow.similarity.folding import folded


def record(text: str, *rejected: str) -> Record:
    messages = [Message("user", f"{text}?"), Message("assistant", text, reasoning=text or None)]
    replies = [Rejected((Message("assistant", worse),)) for worse in rejected]
    return Record(messages, (text,), kind="preference" if rejected else "sft", context=text, rejected=replies or None)


def table(*rows: Record) -> pa.Table:
    builder = RecordBuilder()
    for number, row in enumerate(rows):
        builder.append(f"s:{number}", "s", "CC0-1.0", "human", row)
    return builder.table()


def test_every_text_is_folded_and_rows_say_whether_they_were_traditional() -> None:
    old = table(
        record("圖書館 😀 \x00", "讀書", ""), record("图书馆 ok"), record(""), record("乾隆帝喜欢写诗也喜欢旅行和收藏")
    )
    new = table(
        record("图书馆 😀 \x00", "读书", ""), record("图书馆 ok"), record(""), record("干隆帝喜欢写诗也喜欢旅行和收藏")
    )
    made, traditional = folded(old)
    hashes = [made.column_names.index(name) for name in made.column_names if name.endswith("hash")]
    columns = [name for n, name in enumerate(made.column_names) if n not in hashes and name != "row_id"]
    assert made.select(columns).to_pylist() == new.select(columns).to_pylist()
    assert made.schema == old.schema
    assert traditional.tolist() == [True, False, False, False]


def test_a_slice_folds_as_the_whole_does() -> None:
    rows = table(record("図書"), record("圖書", "讀"), record("龍"))
    whole = folded(rows)[0]
    assert folded(rows.slice(1, 2))[0].equals(whole.slice(1, 2))
    assert pc.all(pc.equal(folded(rows.take(pa.array([2])))[0]["context"], "龙")).as_py()
