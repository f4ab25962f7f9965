"""A reply looked up for one row is the one that the whole ledger gives."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from winnow.ledger import segment
from winnow.ledger.find import find
from winnow.ledger.ledger import Ledger
from winnow.ledger.line import STATUSES, Reply, to_line

KEYS = [f"{n:032x}" for n in range(4)]
REPLIES = st.builds(
    Reply,
    st.sampled_from(KEYS[:3]),
    st.sampled_from(STATUSES),
    st.just("m"),
    st.none() | st.just("stop"),
    st.text(max_size=8) | st.just(f'"key":"{KEYS[0]}"'),
    st.none(),
    st.integers(0, 9),
)


@settings(max_examples=40)
@given(st.lists(st.lists(REPLIES, min_size=1, max_size=6), min_size=1, max_size=3))
def test_it_is_what_the_ledger_gives(files: list[list[Reply]]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name, "ledger")
        for replies in files:
            segment.write(folder, [to_line(one).encode() for one in replies], Path(name, "scratch"))
        ledger = Ledger.read(folder)
        expected = {key: ledger.get(key) for key in KEYS if ledger.get(key)}
        assert find(folder, KEYS) == expected


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert find(tmp_path / "none", KEYS) == {}
