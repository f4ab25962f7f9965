"""No rule, trigger or reader of verdicts is slow on a text made to be slow; ``make linear`` tries all at more sizes."""

import time

import pytest

from tests.campaigns.linear import Probe, measured, probes
from tests.campaigns.shapes import FRAMES, RUNS

SECONDS = 0.25  # CPU, for 4,000 characters; what grows with the square needs that for a pattern of two parts
TRIES = 3  # a busy machine or a collection of garbage makes one try slow, a slow rule makes all
SLOW = ("adapter", "facts", "read", "clean")  # kinds of probes that make linear alone runs
QUICK = {name: probe for name, probe in probes().items() if name.split()[0] not in SLOW}


def texts(size: int) -> dict[str, str]:
    """Return one shape for each run, framed in turn by what makes rules act."""
    framed = zip(RUNS, FRAMES * len(RUNS), strict=False)
    return {repr(run): head + run * (size // len(run)) + tail for run, (head, tail) in framed}


@pytest.mark.parametrize("probe", QUICK.values(), ids=QUICK)
def test_time_grows_with_the_length_alone(probe: Probe) -> None:
    left = texts(4_000)
    for _ in range(TRIES):
        slow = {shape: seconds for shape, seconds in measured(probe, left, 20.0) if seconds > SECONDS}
        left = {shape: left[shape] for shape in slow}
    assert slow == {}


def test_what_never_ends_is_told_apart_from_what_does() -> None:
    def probe(text: str) -> None:
        time.sleep(60 if text == "b" else 0)

    seconds = dict(measured(probe, {"a": "a", "b": "b", "c": "c"}, 0.5))
    assert seconds["b"] == float("inf")
    assert max(seconds["a"], seconds["c"]) < 0.5
