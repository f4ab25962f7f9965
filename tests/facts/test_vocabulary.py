"""Unknown words: low in clean English, high in anything else."""

import pyarrow as pa
import pytest

from winnow.facts.vocabulary import unknown_word_rate
from winnow.text.words import words

CLEAN = (
    "Regular exercise strengthens the heart, improves circulation and reduces stress. Start slowly, warm up before "
    "each session, drink water, and gradually increase the intensity. People who walked daily slept better, felt "
    "happier, and were far less likely to develop chronic illnesses than those who stayed sedentary."
)


def rate(text: str) -> float:
    return float(unknown_word_rate(words(pa.array(["x", text])))[1])


def test_clean_english_is_known() -> None:
    assert rate(CLEAN) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Das Herz pumpt das Blut durch den ganzen Körper und versorgt alle Organe",
        "El corazón bombea sangre por todo el cuerpo y lleva oxígeno a los órganos",
        "Le cœur pompe le sang dans tout le corps avec beaucoup de force chaque seconde",
        "asdkj qwlekj zxmcn poiuqw lkjasd mnbzx wqeoi",
        "teh haert pmups bolod truhogh teh wohle bdoy adn cariers oxgyen",
    ],
)
def test_other_languages_noise_and_misspellings_are_not(text: str) -> None:
    assert rate(text) > 0.5


def test_names_numbers_and_identifiers_in_capitals_do_not_count() -> None:
    assert rate("Zorg met Blorkina in Qwxville, 3 km from NZQX, with iPhone12 and a1b2.") == 0
    assert rate("") == rate("你好") == rate("of to") == 0


@pytest.mark.parametrize(
    "word", ["unhappily", "cities", "stopped", "making", "prehistoric", "rewritten", "recklessness"]
)
def test_forms_of_known_words_are_known(word: str) -> None:
    assert rate(f"{word} blorkq") == 0.5
