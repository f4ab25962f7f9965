"""What a reply meets already: offers are true, say something, and are rarer than asked for."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import REPOSITORY
from tests.constraints.again import holds
from winnow.constraints.check import met
from winnow.constraints.drawing import chosen, drawing, prompt
from winnow.constraints.finding import Offer, offers
from winnow.constraints.kind_file import kinds
from winnow.constraints.kinds import compatible
from winnow.constraints.shares import Shares

KINDS = kinds(REPOSITORY / "data/constraints")
WORDS = (
    "rain",
    "snow",
    "Harbour",
    "lantern,",
    "it",
    "falls.",
    "Why?",
    "softly",
    "- ",
    "1. ",
    "\n",
    "\n\n",
    "3.5",
    "**x**",
)
WORDS_ZH = ("下雨", "下雪", "港口，", "灯笼。", "吗？", "缓缓", "\n", "\n\n", "- ", "1、", "A", "健康饮食，", "和平。")


def found(reply: str, language: str = "en", asked: str = "Tell me something.") -> dict[str, dict[str, object]]:
    """Return the offers for one reply: arguments by kind."""
    (some,) = offers(KINDS.values(), [asked], pa.array([reply]), language)
    return {kind.name: dict(arguments) for kind, arguments in some}


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=60), st.lists(st.sampled_from(WORDS_ZH), max_size=60))
def test_what_is_offered_is_met(english: list[str], chinese: list[str]) -> None:
    for text, language in ((" ".join(english), "en"), ("".join(chinese), "zh")):
        (some,) = offers(KINDS.values(), ["?"], pa.array([text]), language)
        constraints = [kind.constraint(language, arguments) for kind, arguments in some]
        assert met([text] * len(constraints), constraints).all()


def test_bounds_lie_near_the_count_and_words_are_of_substance() -> None:
    reply = "The harbour lies still. " * 9 + "Finally, a lantern glows softly over the water."
    some = found(reply, asked="Describe a harbour.")
    assert some["length_at_most"] == {"count": 50}
    assert some["length_at_least"] == {"count": 40}
    assert some["includes"] == {"word": "lantern"}
    assert "harbour" not in str(some)
    assert some["sentences_exactly" if "sentences_exactly" in some else "one_paragraph"] == {"count": 1}


def test_counts_that_may_be_read_in_two_ways_are_not_offered() -> None:
    assert found("It rained 3.5 mm today. I stayed at home.").keys().isdisjoint({"sentences_exactly"})
    assert found("It rained a lot today. I stayed at home.")["sentences_exactly"] == {"count": 2}
    assert "numbered_exactly" not in found("1. Rain\n2. Snow\n3.Fog")
    assert found("1. Rain\n2. Snow\n3. Fog")["numbered_exactly"] == {"count": 3}


def test_short_replies_are_not_said_to_lack_signs() -> None:
    assert "commas_no" not in found("Rain.")
    assert "commas_no" in found("It rains and rains " * 6)
    assert "longest_sentence_at_most" not in found("It rains and rains in the far north of the land today.")


def test_chinese_gets_no_rules_of_letters_and_no_cut_words() -> None:
    some = found("要求玩家保持健康饮食，充足睡眠，还要坚持运动。这样做对身体有好处。" * 2, "zh", "怎样生活？")
    assert some["includes"]["word"] in ("充足睡眠",)
    assert some.keys().isdisjoint({"lower_case", "upper_case", "capital_words_at_least", "letter_times"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_shares_are_never_below_the_truth(language: str) -> None:
    texts = ["It rains.", "It rains, and I stay. Why?", "- a\n- b", "3.5 mm of rain fell today.", "", "Rain! Rain!"]
    texts += ["下雨了。", "下雨了，我在家。为什么？", "1、雨\n2、雪"]
    shares = Shares()
    key = ("qa", language)
    for at in range(0, len(texts), 4):
        part = Shares()
        measures = sorted({kind.check.partition(" ")[2] for kind in KINDS.values()} - {""})
        part.count(key, pa.array(texts[at : at + 4]), measures)
        shares.add(part)
    for kind in KINDS.values():
        for one in kind.golden:
            if one.language != language or kind.check in ("one_of", "in_language", "excludes", "letter_times"):
                continue
            true = met(texts, [kind.constraint(language, one.arguments)] * len(texts)).mean()
            assert shares.share(key, kind.check, one.arguments) >= true


def test_a_draw_keeps_to_one_of_a_group_and_to_conflicts_and_follows_from_the_row() -> None:
    some: list[Offer] = [(kind, {}) for kind in KINDS.values()]
    sizes = set()
    for row in range(200):
        draw = drawing(1, "plan", row)
        picked = [kind for kind, _ in chosen(some, 3, draw)]
        assert all(compatible(kind, [other for other in picked if other is not kind]) for kind in picked)
        assert chosen(some[::-1], 3, draw) == chosen(some, 3, draw)
        sizes.add(len(picked))
    assert sizes == {1, 2, 3}


def test_prompts_hold_the_instruction_unchanged_and_do_not_all_look_alike() -> None:
    picked = [(KINDS["length_at_most"], {"count": 50}), (KINDS["question_ends"], {})]
    for language, asked in (("en", "Describe a harbour."), ("zh", "描述一个港口。")):
        made = {prompt(asked, picked, language, drawing(1, row)) for row in range(300)}
        assert len(made) > 30
        assert all(text.startswith(asked) and "50" in text and "?" not in text for text in made)
    open_ended = {prompt("Describe a harbour", picked, "en", drawing(row)) for row in range(50)}
    assert all(text.startswith("Describe a harbour\n") for text in open_ended)
    assert np.mean(["\n" in text for text in made]) > 0.3


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=60), st.lists(st.sampled_from(WORDS_ZH), max_size=60))
def test_what_is_offered_holds_by_a_program_that_counts_otherwise(english: list[str], chinese: list[str]) -> None:
    for text, language in ((" ".join(english), "en"), ("".join(chinese), "zh")):
        (some,) = offers(KINDS.values(), ["?"], pa.array([text]), language)
        wrong = [(kind.name, given) for kind, given in some if not holds(kind.check, language, given, text)]
        assert wrong == []


def test_golden_texts_are_seen_alike_by_a_program_that_counts_otherwise() -> None:
    for kind in KINDS.values():
        if kind.check == "in_language":
            continue
        for one in kind.golden:
            assert all(holds(kind.check, one.language, one.arguments, text) for text in one.met), kind.name
