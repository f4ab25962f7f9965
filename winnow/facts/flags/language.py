"""Responses in another language than their instruction, or than the language that it explicitly asks for."""

import numpy as np
import pyarrow as pa

from winnow.facts.texts import Texts
from winnow.storage.types import Bools, Ints, Labels
from winnow.text import language
from winnow.text.columns import byte_lengths, counts, matches

WIDE = ("zh", "ja", "ko")  # recognised by their script
SURE = 0.8  # fastText's probability from which a Latin-script language counts
LEAST = 60  # bytes of instruction and of response, in UTF-8, where both are in alphabets: on fewer fastText errs
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
_CJK = r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]"


def differs(texts: Texts) -> Bools:
    """Return a mask of the responses that are surely in another language than instruction and context.

    A reply may take up what the prompt quotes: an English sentence to correct in a Chinese instruction asks for
    English. So the prompt must hold next to nothing in the response's script, and a context, if there is one, must be
    in another language than the response.
    """
    asked, answered = texts.instruction_language, texts.response_language
    known = (asked != language.UNKNOWN) & (answered != language.UNKNOWN) & (asked != answered)
    rows = np.flatnonzero(known)
    if len(rows) == 0:
        return known
    rows = rows[_sure(texts, rows)]
    contexts = texts.context.take(pa.array(rows))
    rows = rows[(byte_lengths(contexts) == 0) | (language.identify(contexts).codes != answered[rows])]
    differing = np.zeros(len(texts), bool)
    differing[rows] = True
    return differing


def disobeys(texts: Texts) -> Bools:
    """Return a mask of the responses in Chinese to "answer in English", or the other way round."""
    disobeying = np.zeros(len(texts), bool)
    for wanted, used, pattern in (("en", "zh", _ASKS_ENGLISH), ("zh", "en", _ASKS_CHINESE)):
        rows = np.flatnonzero(texts.response_language == used)
        rows = rows[matches(texts.instruction.take(pa.array(rows)), pattern)]
        response = texts.response.take(pa.array(rows))
        cjk, words = counts(response, _CJK), counts(response, _LATIN_WORDS)
        disobeying[rows] = (cjk >= 8) & (words <= 2) if wanted == "en" else (cjk == 0) & (words >= 8)
    return disobeying


def _sure(texts: Texts, rows: Ints) -> Bools:
    asked, answered = texts.instruction_language[rows], texts.response_language[rows]
    prompt, response = texts.prompt.take(pa.array(rows)), texts.response.take(pa.array(rows))
    asked_wide, answered_wide = np.isin(asked, WIDE), np.isin(answered, WIDE)
    words, prompt_cjk, response_cjk = counts(prompt, _LATIN_WORDS), counts(prompt, _CJK), counts(response, _CJK)
    sure = texts.language_confidence[rows] >= SURE
    long_prompt, long_response = byte_lengths(prompt) >= LEAST, byte_lengths(response) >= LEAST
    # Chinese asked, letters answered: prose of some words without one Chinese character, and few words in the prompt
    letters = asked_wide & ~answered_wide & sure & (words <= 2) & long_response & (response_cjk == 0)
    # letters asked, Chinese answered
    wide = ~asked_wide & answered_wide & (prompt_cjk == 0) & (response_cjk >= 8)
    both = ~asked_wide & ~answered_wide & sure & long_prompt & long_response & _prose(response)
    return letters | wide | (both & _english_agrees(prompt, asked) & _english_agrees(response, answered))


def _prose(texts: pa.Array) -> Bools:
    """Return a mask of the texts that are sentences, not lists of names: most words are in small letters."""
    small, words = counts(texts, r"\b[a-zà-öø-ÿ]{2,}"), counts(texts, r"[\pL]{2,}")
    return (small >= 6) & (small >= 0.6 * words)


def _english_agrees(texts: pa.Array, codes: Labels) -> Bools:
    """Return a mask of the texts with English function words where ``codes`` says English, and without elsewhere.

    fastText takes a short English text with foreign names in it for another language.
    """
    return matches(texts, _ENGLISH) == (codes == "en")
