"""Replies in another language than their instruction, or than the language that it asks for in so many words."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.texts import Texts
from winnow.text import language

MASK = npt.NDArray[np.bool_]
WIDE = ("zh", "ja", "ko")  # told by their script
SURE = 0.8  # fastText's probability from which a Latin-script language is believed
LEAST = 60  # bytes of instruction and of response, in UTF-8, where both are in alphabets: fewer are told badly
_ENGLISH = r"(?i)\b(?:the|of|and|to|is|are|for|with|what|how|this|that|you|write|give|create)\b"
_ASKS_ENGLISH = (
    r"(?i)\b(?:answer|reply|respond|write|explain)\b[^.!?\n]{0,30}\bin english\b"
    r"|用英[文语](?:来)?(?:回答|回复|介绍|解释|说明|写)"
)
_ASKS_CHINESE = (
    r"(?i)\b(?:answer|reply|respond|write|explain)\b[^.!?\n]{0,30}\bin (?:chinese|mandarin)\b"
    r"|用(?:中文|汉语|简体中文)(?:来)?(?:回答|回复|介绍|解释|说明|写|描述|总结|概括)"
)
_LATIN_WORDS = r"[A-Za-z]{2,}"


def differs(texts: Texts) -> MASK:
    """Tell which responses are surely in another language than instruction and context.

    A reply may take up what the prompt quotes: an English sentence to correct in a Chinese instruction asks for
    English. So the prompt must hold next to nothing in the response's script, and a context, if there is one, must be
    in another language than the response.
    """
    said, answered = texts.instruction_language, texts.response_language
    known = (said != language.UNKNOWN) & (answered != language.UNKNOWN) & (said != answered)
    rows = np.flatnonzero(known)
    if len(rows) == 0:
        return known
    rows = rows[_sure(texts, rows)]
    some = texts.context.take(pa.array(rows))
    given = _sizes(some) > 0
    rows = rows[~given | (language.identify(some).codes != answered[rows])]
    found = np.zeros(len(texts), bool)
    found[rows] = True
    return found


def disobeys(texts: Texts) -> MASK:
    """Tell which responses are in Chinese where the instruction says "answer in English", or the other way round."""
    found = np.zeros(len(texts), bool)
    for wanted, given, pattern in (("en", "zh", _ASKS_ENGLISH), ("zh", "en", _ASKS_CHINESE)):
        rows = np.flatnonzero(texts.response_language == given)
        rows = rows[_matched(texts.instruction.take(pa.array(rows)), pattern)]
        response = texts.response.take(pa.array(rows))
        han, words = _han(response), _count(response, _LATIN_WORDS)
        found[rows] = (han >= 8) & (words <= 2) if wanted == "en" else (han == 0) & (words >= 8)
    return found


def _matched(texts: pa.Array, pattern: str) -> MASK:
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)


def _sure(texts: Texts, rows: npt.NDArray[np.int64]) -> MASK:
    said, answered = texts.instruction_language[rows], texts.response_language[rows]
    prompt, response = texts.prompt.take(pa.array(rows)), texts.response.take(pa.array(rows))
    said_wide, answered_wide = np.isin(said, WIDE), np.isin(answered, WIDE)
    words, signs = _count(prompt, _LATIN_WORDS), _count(prompt, r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]")
    sure = texts.language_confidence[rows] >= SURE
    long = (_sizes(prompt) >= LEAST) & (_sizes(response) >= LEAST)
    # Chinese asked, letters answered: prose of some words without one Chinese character, and few words in the prompt
    letters = said_wide & ~answered_wide & sure & (words <= 2) & (_sizes(response) >= LEAST) & (_han(response) == 0)
    # letters asked, Chinese answered
    wide = ~said_wide & answered_wide & (signs == 0) & (_han(response) >= 8)
    both = ~said_wide & ~answered_wide & sure & long & _prose(response)
    return letters | wide | (both & _told(prompt, said) & _told(response, answered))


def _prose(texts: pa.Array) -> MASK:
    """Tell which texts are sentences, not lists of names: most words are in small letters."""
    small, all_ = _count(texts, r"\b[a-zà-öø-ÿ]{2,}"), _count(texts, r"[\pL]{2,}")
    return (small >= 6) & (small >= 0.6 * all_)


def _told(texts: pa.Array, codes: npt.NDArray[np.object_]) -> MASK:
    """Tell where ``codes`` agrees with the commonest words: English has them, other languages do not.

    fastText takes a short English text with foreign names in it for another language.
    """
    return (_count(texts, _ENGLISH) > 0) == (codes == "en")


def _han(texts: pa.Array) -> npt.NDArray[np.int64]:
    return _count(texts, r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]")


def _count(texts: pa.Array, pattern: str) -> npt.NDArray[np.int64]:
    return pc.count_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)


def _sizes(texts: pa.Array) -> npt.NDArray[np.int64]:
    return pc.binary_length(texts).to_numpy(zero_copy_only=False)
