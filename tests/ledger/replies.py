"""Made-up replies, and ledgers of them."""

from pathlib import Path

from hypothesis import strategies as st

from winnow.ledger.line import STATUSES, Reply, to_line
from winnow.ledger.segment import write
from winnow.records.identity import digest

COUNT = st.none() | st.integers(0, 10**18 - 1)
TEXT = st.text(max_size=12) | st.sampled_from(
    ['"\\\n\t\r\b\f', "\x00\x1f\x7f\u2028", "评分：7\n", '{"digest":"x"}', "\\u00e9"]
)
REPLIES = st.builds(
    Reply,
    key=st.integers(0, 7).map(lambda number: digest(str(number))),  # few, so that keys meet again
    status=st.sampled_from(STATUSES),
    model=TEXT,
    finish_reason=st.none() | TEXT,
    reply=TEXT,
    prompt_tokens=COUNT,
    completion_tokens=COUNT,
    place=st.none() | TEXT,
)


def reply(number: int, text: str = "好的 ok", status: str = "ok") -> Reply:
    """Return a reply whose key comes from ``number``."""
    return Reply(digest(str(number)), status, "m-1", "stop", text, 3, None)


def line(number: int, text: str = "好的 ok", status: str = "ok") -> bytes:
    """Return the line of :func:`reply`."""
    return to_line(reply(number, text, status)).encode()


def segment(folder: Path, *lines: bytes) -> Path:
    """Write lines as a segment, sorted, as the journal does."""
    return write(folder, lines, folder.parent / "scratch")


def as_written(folder: Path, data: bytes) -> Path:
    """Write any bytes under the name that a segment of them would have."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{digest(data)}.jsonl"
    path.write_bytes(data)
    return path
