r"""Text decoded with the wrong encoding."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

# A text made of these characters only is left as it is by ftfy under our settings, and most texts are: ASCII,
# CJK, kana, Hangul syllables, full-width forms. The second part, dashes,
# curly quotes and the ellipsis, is ours: in each encoding that ftfy tries they are either all continuation
# bytes of UTF-8 (Windows code pages) or all lead bytes (MacRoman), so without a character of the other kind
# they cannot spell mojibake. A property test checks both parts against ftfy itself.
TRIGGER = (
    r"[^\t\n\x20-\x7e\x{2e80}-\x{2ef2}\x{2f00}-\x{2fd5}\x{3000}-\x{3098}\x{309b}-\x{a4cf}\x{ac00}-\x{d7a3}"
    r"\x{ff01}-\x{ffee}\x{2013}\x{2014}\x{2018}\x{2019}\x{201c}\x{201d}\x{2026}]"
)


@lru_cache(maxsize=1)
def _config() -> "TextFixerConfig":
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        fix_character_width=False,  # full-width punctuation is correct Chinese
        uncurl_quotes=False,  # so are curly quotes, and in English they are a choice of the author
        fix_latin_ligatures=False,
        unescape_html=False,  # `html` decides that, with a look at the whole text
        fix_line_breaks=False,  # these three belong to `control`, so that the edit is filed under its cause
        remove_terminal_escapes=False,
        remove_control_chars=False,
        normalization="NFC",
        explain=False,
    )


def mojibake(text: str) -> str:
    r"""Repair text that was encoded in UTF-8 and decoded as something else, and bring it to NFC.

    >>> mojibake("the cafÃ© doesnâ€™t open")
    'the café doesn’t open'

    NFC is in, because two spellings of one letter ("é" and "e" + accent, Vietnamese, Korean jamo) are equal
    by Unicode's own definition, and neither duplicates nor a tokenizer should see two. NFKC is out: it
    rewrites 55 % of Chinese answers, and "x²" becomes "x2".

    >>> mojibake("x² + ½, ﬁne, ①") == "x² + ½, ﬁne, ①"
    True

    Not touched: Chinese punctuation, full-width forms, curly quotes, and entities. ftfy's defaults would
    flatten all of them (datatrove's ftfy formatter argues the same).

    >>> mojibake("他说：“你好，世界！”")
    '他说：“你好，世界！”'

    Words that merely look odd stay: ftfy acts on evidence that re-encoding explains.

    >>> mojibake("Bremer/Mccoy – DrÃ¥ber")
    'Bremer/Mccoy – DrÃ¥ber'

    Source: ftfy, https://ftfy.readthedocs.io.
    """
    from ftfy import fix_text

    return fix_text(text, _config())
