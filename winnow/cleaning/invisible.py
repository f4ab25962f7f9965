r"""Characters without a picture of their own: joiners, bidi marks, tags, variation selectors."""

import regex

from winnow.cleaning.protect import until_stable

TRIGGER = (
    r"[\x{ad}\x{61c}\x{180e}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{fe00}-\x{fe0f}"
    r"\x{e0000}-\x{e01ef}]"
)

# Scripts in which a joiner chooses between letter forms (Unicode 16, chapters 9 and 12-13).
_JOINING = (
    r"\p{Arabic}\p{Syriac}\p{Nko}\p{Mandaic}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}"
    r"\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Tibetan}\p{Khmer}\p{Myanmar}"
)
# Scripts without spaces, in which U+200B says where a word ends.
_UNSPACED = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
_RIGHT_TO_LEFT = regex.compile(
    r"[\u0591-\u05f4\u0620-\u064a\u066e-\u06d3\u0700-\u08ff\ufb1d-\ufdfb\ufe70-\ufefc"
    r"\U00010800-\U00010fff\U0001e800-\U0001efff]"
)

_KEEP = "|".join(
    (
        rf"(?<=[{_UNSPACED}])\u200b(?=[{_UNSPACED}])",
        r"(?<=[\p{Extended_Pictographic}\ufe0f\U0001f3fb-\U0001f3ff])\u200d(?=\p{Extended_Pictographic})",
        rf"(?<=[{_JOINING}])\u200d",
        rf"(?<=[{_JOINING}])\u200c(?=[{_JOINING}])",
        # A flag of a region: black flag, 3 to 6 tag letters, cancel tag (UTS 51, ED-14a).
        r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f",
        # Variation selectors, one per base, where the standard gives the pair a meaning.
        r"(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]",
        r"(?<=[0-9#*])\ufe0f(?=\u20e3)",
        r"(?<=\p{Han})[\ufe00-\ufe02\U000e0100-\U000e01ef]",
        r"(?<=[\p{Sm}0])\ufe00(?![\ufe00-\ufe0f])",
        r"(?<=[、。，．：；！？])[\ufe00\ufe01]",
    )
)
_INVISIBLE = r"[\u00ad\u180e\u200b-\u200d\u202d\u202e\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\U000e0000-\U000e01ef]"
_MARKS = r"\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069"
_HIDDEN = regex.compile(rf"({_KEEP})|{_INVISIBLE}")
_HIDDEN_OR_MARK = regex.compile(rf"({_KEEP})|{_INVISIBLE}|[{_MARKS}]")


def invisible(text: str) -> str:
    r"""Remove characters that no reader sees and every tokenizer does.

    Zero-width spaces (translation services leave pairs of them inside Chinese words), word joiners, soft
    hyphens, stray joiners:

    >>> invisible("更高效\u200b\u200b的产品, co\u00adoperate, a\u2060b")
    '更高效的产品, cooperate, ab'

    Tag characters and runs of variation selectors can carry a hidden message or prompt; ftfy and NFKC keep
    both. They stay only where Unicode gives them a meaning:

    >>> invisible("Hi\U000e0049\U000e0067\U000e006e!") + invisible("😀\ufe0f\U000e0150\U000e0151")
    'Hi!😀️'
    >>> wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    >>> invisible(wales) == wales
    True

    Bidi overrides go always (they make source code and file names read as what they are not: "Trojan Source",
    CVE-2021-42574). Marks, embeddings and isolates stay in a text with right-to-left letters, where they do
    their work, and go elsewhere.

    >>> invisible("photo_\u202egnp.exe") + invisible("left\u200e")
    'photo_gnp.exeleft'
    >>> invisible("(\u200fשלום)") == "(\u200fשלום)"
    True

    Must not act on: emoji sequences, Persian and Indic joiners, ideographic variants, Thai and Khmer word
    breaks.

    >>> for text in ["👩‍💻 ❤️ 1️⃣ 🏳️‍🌈", "می\u200cخواهم", "葛\U000e0100城市", "ක්\u200dෂ", "ไทย\u200bไทย"]:
    ...     assert invisible(text) == text
    """
    pattern = _HIDDEN if _RIGHT_TO_LEFT.search(text) else _HIDDEN_OR_MARK
    return until_stable(lambda t: pattern.sub(r"\1", t), text)
