r"""Characters without a picture of their own: joiners, bidi marks, tags, variation selectors."""

import regex

from winnow.cleaning.evidence import speaks_of
from winnow.cleaning.protect import outside, until_stable
from winnow.cleaning.row import Row
from winnow.cleaning.structure import json_spans

TRIGGER = (
    r"[\x{ad}\x{61c}\x{180e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{fe00}-\x{fe0f}"
    r"\x{e0000}-\x{e01ef}]"
)

# A joiner chooses the form of a letter that joins (Arabic, Syriac, Mongolian …): between letters of which one joins
# ("PDF" with a Persian ending), or, to join, beside one alone (a letter shown in its initial form); and the form of
# the letters and signs of Indic clusters. Both are properties of Unicode, so that a new script needs no line here.
_JOINS = r"[\p{Joining_Type=D}\p{Joining_Type=R}\p{Joining_Type=L}]\p{Joining_Type=T}{0,4}"
_CLUSTERS = r"[[\p{M}\p{L}]&&[^\p{InSC=Other}]]"
_JOINERS = r"[\u200c\u200d]{1,3}"
_RIGHT_TO_LEFT = regex.compile(r"(?V1)[[\p{Bidi_Class=R}\p{Bidi_Class=AL}]&&\p{L}]")

_KEEP = "|".join(
    (
        # U+200B says where a word ends in a script without spaces.
        r"(?<=\p{Line_Break=SA}|\p{Tibetan})\u200b|\u200b(?=\p{Line_Break=SA}|\p{Tibetan})",
        r"(?<=[\p{Extended_Pictographic}\ufe0f\U0001f3fb-\U0001f3ff])\u200d(?=\p{Extended_Pictographic})",
        rf"(?<={_CLUSTERS}){_JOINERS}|{_JOINERS}(?={_CLUSTERS})",
        rf"(?<={_JOINS}){_JOINERS}(?=\w)|(?<=\w){_JOINERS}(?={_JOINS})",
        rf"(?<={_JOINS})\u200d{{1,2}}|\u200d{{1,2}}(?={_JOINS})",
        # The Mongolian vowel separator, between two letters.
        r"(?<=\p{Mongolian})\u180e(?=\p{Mongolian})",
        # A flag of a region: black flag, 3 to 6 tag letters, cancel tag (UTS 51, ED-14a).
        r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f",
        # Variation selectors, one per base, where the standard gives the pair a meaning.
        r"(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]",
        r"(?<=[0-9#*])\ufe0f(?=\u20e3)",
        r"(?<=\p{Han})[\ufe00-\ufe02\U000e0100-\U000e01ef]",
        r"(?<=[\p{Sm}0])\ufe00(?![\ufe00-\ufe0f])",
        r"(?<=[、。，．：；！？])[\ufe00\ufe01]",
        r"(?<=[\p{Myanmar}\p{Phags_Pa}\p{Manichaean}])\ufe00",
    )
)
_INVISIBLE = r"[\u00ad\u180e\u200b-\u200d\u202d\u202e\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\U000e0000-\U000e01ef]"
_MARKS = r"\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069"
_HIDDEN = regex.compile(rf"(?V1)({_KEEP})|{_INVISIBLE}")
_HIDDEN_OR_MARK = regex.compile(rf"(?V1)({_KEEP})|{_INVISIBLE}|[{_MARKS}]")


def invisible(text: str, row: Row) -> str:
    r"""Remove characters that no reader sees and every tokenizer does.

    Zero-width spaces (translation services leave pairs of them inside Chinese words), word joiners, soft
    hyphens, stray joiners:

    >>> from winnow.cleaning.row import alone
    >>> def fixed(text): return invisible(text, alone(text, "response"))
    >>> fixed("更高效\u200b\u200b的产品, co\u00adoperate, a\u2060b")
    '更高效的产品, cooperate, ab'

    Tag characters and runs of variation selectors can carry a hidden message or prompt; ftfy and NFKC keep
    both. They stay only where Unicode gives them a meaning:

    >>> fixed("Hi\U000e0049\U000e0067\U000e006e!") + fixed("😀\ufe0f\U000e0150\U000e0151")
    'Hi!😀️'
    >>> wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    >>> fixed(wales) == wales
    True

    Bidi overrides go always (they make source code and file names read as what they are not: "Trojan Source",
    CVE-2021-42574). Marks, embeddings and isolates stay in a text with right-to-left letters, where they do
    their work, and go elsewhere.

    >>> fixed("photo_\u202egnp.exe") + fixed("left\u200e")
    'photo_gnp.exeleft'
    >>> fixed("(\u200fשלום)") == "(\u200fשלום)"
    True

    Must not act on: emoji sequences, joiners of Persian, Mongolian and Indic scripts, ideographic variants, Thai
    and Khmer word breaks, and a row that is about such characters.

    >>> for text in ["👩‍💻 ❤️ 1️⃣ 🏳️‍🌈", "می\u200cخواهم", "葛\U000e0100城市", "ක්\u200dෂ", "ไทย\u200bไทย",
    ...              "PDF\u200cها", "ه\u200d \u200dه", "Here is a zero-width space:\u200b."]:
    ...     assert fixed(text) == text
    """
    pattern = _HIDDEN if _RIGHT_TO_LEFT.search(text) else _HIDDEN_OR_MARK

    def seen(piece: str) -> str:
        return until_stable(lambda t: pattern.sub(r"\1", t), piece)

    fixed = outside(seen, text, json_spans(text))
    about = fixed != text and any(speaks_of("invisible", one.lower()) for one in (row.said.asked, *row.said.replies))
    return text if about else fixed
