"""The key by which a row gets its split: equal keys share one, and a row has one key, whatever other rows there are."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.subject import Settings, Subject
from winnow.facts.texts import Texts
from winnow.records.meaning import column
from winnow.text.form import form_keys, longest_paragraphs
from winnow.text.normal import text_keys

DOCUMENT = 50  # tokens from which a text is a document that several questions may be asked about


def split_keys(texts: Texts, settings: Settings) -> dict[str, pa.Array]:
    """Return the split key of each row and what it is made of: the first of group, document, prompt that the row has.

    The document is the longest paragraph of the context, of the first user turn where there is none; so an Alpaca row
    with an input and the chat form of it have one key.
    """
    asked = pc.equal(texts.context, "")
    paragraph, tokens = longest_paragraphs(pc.if_else(asked, texts.first_turn, texts.context))
    document = tokens >= DOCUMENT
    keys = np.array(form_keys(texts.opening_request).to_pylist(), object)
    keys[document] = form_keys(paragraph.filter(pa.array(document))).to_pylist()
    grouped = pc.is_valid(texts.group).to_numpy(zero_copy_only=False)
    keys[grouped] = text_keys(texts.group.filter(pa.array(grouped))).to_pylist()
    basis = np.where(grouped, "group", np.where(document, "document", "prompt"))
    return {"split_key": pa.array(keys.tolist(), pa.string()), "split_basis": pa.array(basis.tolist(), pa.string())}


SUBJECT = Subject(
    [
        column(
            "split_key",
            pa.string(),
            "BLAKE2b of what decides the split: equal keys share one.",
            "128-bit digest",
        ),
        column(
            "split_basis",
            pa.string(),
            "What split_key is made of, the first that the row has: its group; a document of 50 tokens or more, that "
            "is the longest paragraph of the context or, without one, of the first user turn; the opening prompt in "
            "normal form.",
            "label",
        ),
    ],
    split_keys,
)
