"""langdetect's answers on arrays are those of its own code, to the last bit."""

import os
from typing import Any

import pytest

from winnow.text.language import langdetect_vote
from winnow.text.votes import SEED, detect_langs

TEXTS = [
    "The ferry leaves at nine and comes back before dark.",
    "Die Fähre legt um neun ab und kommt vor der Dunkelheit zurück.",
    "Le bac part à neuf heures et revient avant la nuit.",
    "渡轮九点出发，天黑前回来。",
    "Паром отходит в девять.",
    "sopa tomate pan",
]


@pytest.fixture(scope="module")
def library() -> Any:
    """langdetect itself, its languages read in the order of their names."""
    from langdetect import detector_factory

    factory = detector_factory.DetectorFactory()
    factory.set_seed(SEED)
    listed = os.listdir
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "listdir", lambda folder: sorted(listed(folder)))
        factory.load_profile(detector_factory.PROFILES_DIRECTORY)
    return factory


@pytest.mark.parametrize("text", TEXTS)
def test_the_answer_is_that_of_the_library(text: str, library: Any) -> None:
    detector = library.create()
    detector.append(text)
    expected = [(one.lang, one.prob) for one in detector.get_probabilities()]
    assert [(one.lang, one.prob) for one in detect_langs(text)] == expected
    assert [(one.lang, one.prob) for one in detect_langs(text)] == expected  # the second time from what it keeps


def test_a_text_without_letters_has_no_answer() -> None:
    assert langdetect_vote("12 + 3") == "und"
