"""Neighbours from records on disk to links: exact groups, near links, and what must never be linked."""

from pathlib import Path

from tests.similarity.rows import jaccard, links_of, neighbours_of, with_edits
from tests.text.oracles import normal, runs, split_tokens
from winnow.records.build import RecordBuilder
from winnow.records.record import Message, Record

LONG = " ".join(f"word{n}" for n in range(40))
NOUNS = ["farmer", "bucket", "kettle", "miller", "ladder", "pocket", "garden", "needle", "saddle", "window"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HAN = "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少床前明月光疑是地上霜举头望明月低头思故乡白日依山尽黄河入海流"


def ending(number: int) -> str:
    """Return a word for a number: another number would make another row, and one of many letters might be a typo."""
    return LETTERS[number // 676] + LETTERS[number // 26 % 26] + LETTERS[number % 26]


def test_exact_duplicates_name_the_smallest_id(tmp_path: Path) -> None:
    rows = [
        [("s:c", "sft", LONG), ("s:x", "sft", "else")],
        [("s:a", "sft", f" {LONG.upper()}\n"), ("s:b", "sft", LONG)],
    ]
    assert neighbours_of(tmp_path, rows) == [("s:b", "s:a", "exact", 1.0), ("s:c", "s:a", "exact", 1.0)]


def test_near_duplicates_in_both_languages(tmp_path: Path) -> None:
    rows = [("s:1", "sft", LONG), ("s:2", "sft", HAN), ("s:3", "sft", f"{LONG} more"), ("s:4", "sft", f"{HAN}也")]
    links = neighbours_of(tmp_path, [rows])
    assert [row[:3] for row in links] == [("s:3", "s:1", "near"), ("s:4", "s:2", "near")]
    for (row_id, other, _, similarity), texts in zip(links, [(LONG, f"{LONG} more"), (HAN, f"{HAN}也")], strict=True):
        a, b = (set(runs(split_tokens(normal(text)), 3)) for text in texts)
        assert similarity == round(jaccard(a, b), 6), (row_id, other)


def test_two_answers_from_one_long_context_are_no_duplicates(tmp_path: Path) -> None:
    rows = [
        (f"s:{n}", "sft", text, LONG * 9) for n, text in enumerate(["it was the red one", "we never met them", HAN])
    ]
    near = [("s:3", "sft", f"{HAN}也", LONG * 9), ("s:4", "sft", f"{HAN}也", HAN * 9)]
    assert [row[:3] for row in neighbours_of(tmp_path, [rows, near])] == [("s:3", "s:2", "near")]


def test_short_rows_with_one_word_changed_are_candidates(tmp_path: Path) -> None:
    builder = RecordBuilder()
    asked = [f"Where would a {person} keep the {thing}?" for person in NOUNS for thing in NOUNS]
    pairs = {f"s:{n:03d}": text for n, text in enumerate(asked)}
    pairs |= {f"{row_id}~typo": text.replace("would", "wuold") for row_id, text in pairs.items()}
    pairs |= {f"{row_id}~polite": f"{text} Thank you!" for row_id, text in pairs.items() if "~" not in row_id}
    for row_id, text in sorted(pairs.items()):
        turns = [Message("user", text), Message("assistant", "no")]
        builder.append(row_id, "s", "CC0-1.0", "human", Record(turns, (text,)))
    near = {frozenset(link[:2]) for link in links_of(tmp_path, [builder.table()], 0.7, ("near",))}
    copies = [row_id for row_id in pairs if "~" in row_id]
    assert all(any(row_id in pair for pair in near) for row_id in copies)
    assert all(len({row_id.split("~")[0] for row_id in pair}) == 1 for pair in near)


def test_kinds_never_link(tmp_path: Path) -> None:
    rows = [
        [("s:1", "sft", LONG), ("s:2", "preference", LONG), ("s:3", "feedback", LONG)],
        [("s:4", "preference", f"{LONG} more"), ("s:5", "preference", LONG)],
    ]
    links = [row[:3] for row in neighbours_of(tmp_path, rows)]
    assert links == [("s:4", "s:2", "near"), ("s:5", "s:2", "exact")]


def test_a_crowd_of_another_kind_hides_nothing(tmp_path: Path) -> None:
    """Of a large group only near successors are paired; the kinds must not stand in each other's way."""
    text = " ".join(f"word{n}" for n in range(400))
    crowd = [(f"s:{n:03d}", "preference" if n in (1, 61) else "sft", f"{text} {ending(n)}") for n in range(62)]
    links = neighbours_of(tmp_path, [crowd])
    assert [row[:3] for row in links if row[0] == "s:061"] == [("s:061", "s:001", "near")]
    assert len({row_id for row in links for row_id in row[:2]}) == 62


def test_rows_without_a_token_are_no_duplicates(tmp_path: Path) -> None:
    """Their signatures are all equal, and so must not be what decides."""
    texts = ["!!!", "???", "", "😀", "!!!", "。", *(f"({'!' * n}" for n in range(40))]
    links = neighbours_of(tmp_path, [[(f"s:{n:02d}", "sft", text) for n, text in enumerate(texts)]])
    assert links == [("s:04", "s:00", "exact", 1.0)]


def test_empty_buckets_change_nothing(tmp_path: Path) -> None:
    rows = [(f"s:{n:03d}", "sft", text) for n, text in enumerate(with_edits(60))]
    one = neighbours_of(tmp_path / "one", [rows])
    assert len(one) > 20
    assert neighbours_of(tmp_path / "three", [[], rows[:7], [], rows[7:], []]) == one
    assert neighbours_of(tmp_path / "none", [[], []]) == []


def test_a_cluster_costs_some_lines_a_row_and_stays_one_group(tmp_path: Path) -> None:
    text = " ".join(f"word{n}" for n in range(100))
    rows = [(f"s:{n:04d}", "sft", f"{text} {ending(n)}") for n in range(800)]
    links = neighbours_of(tmp_path, [rows[:300], rows[300:]], floor=0.8)
    assert 799 <= len(links) <= 8 * 800
    member = {row_id: row_id for row_id, _, _ in rows}

    def root(one: str) -> str:
        return one if member[one] == one else root(member[one])

    for row_id, other, _, similarity in links:
        assert similarity >= 0.8
        member[max(root(row_id), root(other))] = min(root(row_id), root(other))
    assert len({root(row_id) for row_id in member}) == 1


def test_the_floor_is_inclusive_and_nothing_below_it_is_kept(tmp_path: Path) -> None:
    rows = [(f"s:{n:03d}", "sft", text) for n, text in enumerate(with_edits(300, seed=5))]
    low, high = (neighbours_of(tmp_path / str(floor), [rows], floor) for floor in (0.6, 0.9))
    assert min(row[3] for row in low) < 0.9 <= min(row[3] for row in high)
    assert high == [row for row in low if row[3] >= 0.9]
    longer = LETTERS[:26]
    pair = [("s:1", "sft", " ".join(longer[:20])), ("s:2", "sft", " ".join(longer))]  # 18 shingles of 24
    assert neighbours_of(tmp_path / "at", [pair], 0.75) == [("s:2", "s:1", "near", 0.75)]
    assert neighbours_of(tmp_path / "above", [pair], 0.76) == []
