"""The one template that joins an instruction with its context where a format has no place for the context."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views

SEPARATOR = "\n\n"
TEMPLATE = "{instruction}\n\n{context}"
"""The user's last turn in chat formats; a row without context has its instruction alone."""


def rendered_contents(table: pa.Table) -> pa.Array:
    """Return the contents of all turns, flat, with each row's context joined to its instruction."""
    content = pc.struct_field(pc.list_flatten(views.turns(table)), "content")
    context = views.context(table)
    some = np.flatnonzero(pc.not_equal(context, "").to_numpy(zero_copy_only=False))
    if len(some) == 0:
        return content
    at = views.instruction_turns(table)[some]
    joined = pc.binary_join_element_wise(content.take(pa.array(at)), context.take(pa.array(some)), SEPARATOR)
    mask = np.zeros(len(content), bool)
    mask[at] = True
    return pc.replace_with_mask(content, pa.array(mask), joined)
