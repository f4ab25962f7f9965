"""Whether the chosen and the rejected reply of a preference row are one."""

import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.records.meaning import YES_OR_NO, column
from winnow.text.dress import undressed
from winnow.text.normal import normalised

_SIGNS = r"[\s.,;:!?。，、；：！？…\"'“”‘’「」]+"  # a minus or an operator is no such sign
_FORM = (
    r"(?i)upper ?case|lower ?case|capital|all caps|punctuat|comma|full stop|quotation|quote|hyphen|apostrophe"
    r"|bold|italic|markdown|bullet|number(?:ed|ing)|format|heading|spacing|spaces|indent|title case|proofread|typo"
    r"|大写|小写|大小写|标点|加粗|粗体|斜体|格式|列表|编号|逗号|句号|引号|空格|排版|全角|半角"
)


def same_replies(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return whether both replies of a row are equal but for case, spaces, signs and dress.

    Where the prompt asks for such a form, and where the replies hold nothing else, they must be equal as they stand.
    """
    pairs = pc.equal(texts.kind, "preference")
    chosen, rejected = texts.response.filter(pairs), texts.rejected.filter(pairs)
    plain = [pc.utf8_trim_whitespace(_plain(column)) for column in (chosen, rejected)]
    alike = pc.and_(pc.equal(*plain), pc.match_substring_regex(plain[0], r"[\p{L}\p{N}]"))
    alike = pc.and_(alike, pc.invert(pc.match_substring_regex(texts.prompt.filter(pairs), _FORM)))
    equal = pc.and_(pc.equal(chosen, rejected), pc.not_equal(chosen, ""))
    return {"same_replies": pc.replace_with_mask(pairs, pairs, pc.or_(equal, alike))}


def _plain(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(normalised(undressed(texts)), _SIGNS, " ")


SUBJECT = Subject(
    [
        column(
            "same_replies",
            pa.bool_(),
            "Chosen and rejected reply are equal but for case, spaces, signs and dress, and the prompt asks for "
            "none of these.",
            YES_OR_NO,
        )
    ],
    same_replies,
)
