r"""Text decoded with the wrong encoding."""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from winnow.cleaning.evidence import both_forms, speaks_of
from winnow.cleaning.protect import outside
from winnow.cleaning.row import Row
from winnow.cleaning.structure import json_spans

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

SIGN = re.compile("[ÂÃâ][\x80-\xbf\u0152-\u02dc\u2013-\u203a\u20ac\u2122]")  # how UTF-8 read as Latin-1 begins


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


def mojibake(text: str, row: Row) -> str:
    r"""Repair text that was encoded in UTF-8 and decoded as something else, and bring it to NFC.

    >>> from winnow.cleaning.row import alone
    >>> def fixed(text): return mojibake(text, alone(text, "response"))
    >>> fixed("the cafÃ© doesnâ€™t open")
    'the café doesn’t open'

    NFC is in, because two spellings of one letter ("é" and "e" + accent, Vietnamese, Korean jamo) are equal
    by Unicode's own definition, and neither duplicates nor a tokenizer should see two. NFKC is out: it
    rewrites 55 % of Chinese answers, and "x²" becomes "x2".

    >>> fixed("x² + ½, ﬁne, ①") == "x² + ½, ﬁne, ①"
    True

    Not touched: Chinese punctuation, full-width forms, curly quotes, and entities. ftfy's defaults would
    flatten all of them (datatrove's ftfy formatter argues the same).

    >>> fixed("他说：“你好，世界！”")
    '他说：“你好，世界！”'

    Words that merely look odd stay: ftfy acts on evidence that re-encoding explains.

    >>> fixed("Bremer/Mccoy – DrÃ¥ber")
    'Bremer/Mccoy – DrÃ¥ber'

    Nor does it act where the prompt is about encodings, or where the row shows a word both ways: there the
    wrong one is shown on purpose. Strings of JSON are data.

    >>> fixed("It looks like cafÃ©, not café.")
    'It looks like cafÃ©, not café.'

    Source: ftfy, https://ftfy.readthedocs.io.
    """
    from ftfy import fix_text

    def decode(piece: str) -> str:
        return fix_text(piece, _config())

    fixed = outside(decode, text, json_spans(text))
    if fixed == text or speaks_of("encodings", row.said.asked) or speaks_of("marks", row.said.asked):
        return text
    if row.field != "response" and any(speaks_of("encodings", reply.lower()) for reply in row.said.replies):
        return text  # the reply explains what the prompt shows
    shown = fixed != unicodedata.normalize("NFC", text) and both_forms(row.said, text, fixed)
    return text if shown else fixed
