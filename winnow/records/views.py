"""Views of records that stages measure: instruction, response, context, whole conversation, as columns of text.

*instruction* is the last user turn before the response, *response* the final assistant turn. Everything here is a
column operation on the nested arrays; nothing loops over rows.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def turns(table: pa.Table) -> pa.ListArray:
    """Return the ``messages`` column as one array."""
    return _combined(table["messages"])


def column(table: pa.Table, name: str) -> pa.Array:
    """Return a column as one array."""
    return _combined(table[name])


def _combined(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def bounds(lists: pa.ListArray) -> npt.NDArray[np.int64]:
    """Return the bounds of each list in the flattened values: list ``i`` is ``bounds[i] : bounds[i + 1]``."""
    lengths = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
    out = np.zeros(len(lists) + 1, np.int64)
    np.cumsum(lengths, out=out[1:])
    return out


def _field(lists: pa.ListArray, name: str) -> pa.Array:
    return pc.struct_field(pc.list_flatten(lists), name)


def response(table: pa.Table) -> pa.Array:
    """Return the content of each row's last turn."""
    messages = turns(table)
    return _field(messages, "content").take(pa.array(bounds(messages)[1:] - 1))


def reasoning(table: pa.Table) -> pa.Array:
    """Return the reasoning of each row's last turn, empty where it has none."""
    messages = turns(table)
    return _field(messages, "reasoning").take(pa.array(bounds(messages)[1:] - 1)).fill_null("")


def instruction_turns(table: pa.Table) -> npt.NDArray[np.int64]:
    """Return for each row the position of its instruction among the flattened turns."""
    messages = turns(table)
    edges = bounds(messages)
    users = np.flatnonzero(pc.equal(_field(messages, "role"), "user").to_numpy(zero_copy_only=False))
    return users[np.searchsorted(users, edges[1:] - 1) - 1]


def instruction(table: pa.Table) -> pa.Array:
    """Return the content of each row's last user turn before the response."""
    return _field(turns(table), "content").take(pa.array(instruction_turns(table)))


def context(table: pa.Table) -> pa.Array:
    """Return each row's context, empty where it has none."""
    return _combined(table["context"]).fill_null("")


def _joined(*parts: pa.Array) -> pa.Array:
    """Join texts row by row with line breaks, passing over what is null."""
    return pc.binary_join_element_wise(*parts, "\n", null_handling="skip")


def opening_prompt(table: pa.Table) -> pa.Array:
    """Return what each conversation opens with: context and first user turn."""
    messages = turns(table)
    edges = bounds(messages)
    users = np.flatnonzero(pc.equal(_field(messages, "role"), "user").to_numpy(zero_copy_only=False))
    first = _field(messages, "content").take(pa.array(users[np.searchsorted(users, edges[:-1])]))
    return _joined(_combined(table["context"]), first)


def prompts(table: pa.Table) -> pa.Array:
    """Return context and all user turns of each row, joined by line breaks: what a benchmark question may hide in."""
    return _joined(_combined(table["context"]), user_turns(table))


def user_turns(table: pa.Table) -> pa.Array:
    """Return all user turns of each row, joined by line breaks."""
    messages = turns(table)
    users = pc.equal(_field(messages, "role"), "user")
    return _join(messages, pc.if_else(users, _field(messages, "content"), pa.scalar(None, pa.string())))


def calls_tool(table: pa.Table) -> pa.Array:
    """Tell for each row whether its last turn calls a tool, so that its text may be empty."""
    messages = turns(table)
    calls = _field(messages, "tool_calls").take(pa.array(bounds(messages)[1:] - 1))
    return pc.greater(pc.list_value_length(calls).fill_null(0), 0)


def rejected(table: pa.Table) -> pa.Array:
    """Return the turns of all rejected replies of each row, joined by line breaks; null where there are none."""
    column = _combined(table["rejected"])
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.string())
    replies = pc.struct_field(pc.list_flatten(column), "messages")
    joined = _join(replies, _field(replies, "content"))
    edges = bounds(column)
    lists = pa.ListArray.from_arrays(pa.array(edges, pa.int32()), joined)
    return pc.if_else(pc.is_valid(column), pc.binary_join(lists, "\n"), pa.scalar(None, pa.string()))


def conversation(table: pa.Table) -> pa.Array:
    """Return the whole text of each row: system prompt, context and every turn, joined by line breaks."""
    return _joined(_combined(table["system"]), _combined(table["context"]), said(table))


def compared(table: pa.Table) -> pa.Array:
    """Return all text of each row, its rejected replies included: what makes two rows the same."""
    return _joined(conversation(table), rejected(table))


def said_and_rejected(table: pa.Table) -> pa.Array:
    """Return the turns of each row, its rejected replies included, without system prompt and context."""
    return _joined(said(table), rejected(table))


def said(table: pa.Table) -> pa.Array:
    """Return the turns of each row, joined by line breaks: what user and assistant say, without system and context."""
    return _join(turns(table), _field(turns(table), "content"))


def _join(messages: pa.ListArray, content: pa.Array) -> pa.Array:
    kept = content.is_valid().to_numpy(zero_copy_only=False)
    edges = bounds(messages)
    counts = np.concatenate(([0], np.cumsum(kept)))[edges]
    lists = pa.ListArray.from_arrays(pa.array(counts, pa.int32()), content.drop_null())
    return pc.binary_join(lists, "\n")


def turn_counts(table: pa.Table) -> npt.NDArray[np.int64]:
    """Return the number of turns of each row."""
    return np.diff(bounds(turns(table)))
