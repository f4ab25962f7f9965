"""Views of records that stages measure: instruction, response, context, whole conversation, as columns of text.

*instruction* is the last user turn before the response, *response* the final assistant turn. Everything here is a
column operation on the nested arrays; nothing loops over rows.
"""

import json

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
    """Return for each row the position of its instruction among the flattened turns; one of its own in any case."""
    messages = turns(table)
    edges = bounds(messages)
    users = np.flatnonzero(pc.equal(_field(messages, "role"), "user").to_numpy(zero_copy_only=False))
    if len(users) == 0:
        return edges[:-1]
    return np.clip(users[np.searchsorted(users, edges[1:] - 1) - 1], edges[:-1], edges[1:] - 1)


def instruction(table: pa.Table) -> pa.Array:
    """Return the content of each row's last user turn before the response."""
    return _field(turns(table), "content").take(pa.array(instruction_turns(table)))


def context(table: pa.Table) -> pa.Array:
    """Return each row's context, empty where it has none."""
    return _combined(table["context"]).fill_null("")


def _joined(*parts: pa.Array) -> pa.Array:
    """Join texts row by row with line breaks, passing over what is null."""
    return pc.binary_join_element_wise(*parts, "\n", null_handling="skip")


def first_turn(table: pa.Table) -> pa.Array:
    """Return the first user turn of each row."""
    messages = turns(table)
    users = np.flatnonzero(pc.equal(_field(messages, "role"), "user").to_numpy(zero_copy_only=False))
    at = users[np.searchsorted(users, bounds(messages)[:-1])]
    return _field(messages, "content").take(pa.array(at)).fill_null("")


def opening_prompt(table: pa.Table) -> pa.Array:
    """Return what each conversation opens with: context and first user turn."""
    return _joined(_combined(table["context"]), first_turn(table))


def opening_request(table: pa.Table) -> pa.Array:
    """Return what each conversation opens with as chat formats have it: first user turn, then context."""
    return pc.binary_join_element_wise(first_turn(table), _combined(table["context"]), SEPARATOR, null_handling="skip")


SEPARATOR = "\n\n"
"""What stands between an instruction and its context in chat formats."""


def rendered_contents(table: pa.Table) -> pa.Array:
    """Return the contents of all turns, flat, with each row's context joined to its instruction."""
    content = _field(turns(table), "content")
    background = context(table)
    some = np.flatnonzero(pc.not_equal(background, "").to_numpy(zero_copy_only=False))
    if len(some) == 0:
        return content
    at = instruction_turns(table)[some]
    asked, with_it = content.take(pa.array(at)), background.take(pa.array(some))
    joined = pc.binary_join_element_wise(asked, with_it, SEPARATOR, null_handling="skip")
    mask = np.zeros(len(content), bool)
    mask[at] = True
    return pc.replace_with_mask(content, pa.array(mask), joined)


def spoken(table: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
    """Return what was said before the instruction, the instruction, what tools said after it, and the response."""
    messages = turns(table)
    edges = bounds(messages)
    at, last = instruction_turns(table), edges[1:] - 1
    return _cut(_field(messages, "content"), edges, at, np.minimum(at + 1, last), last)


def exchanges(table: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
    """Return what was said before the instruction, the instruction, the reasoning, and the response.

    The instruction has its context, as chat formats have it, and what tools said after it.
    """
    edges = bounds(turns(table))
    history, prompt, reply = _cut(rendered_contents(table), edges, instruction_turns(table), edges[1:] - 1)
    return history, prompt, reasoning(table), reply


def _cut(contents: pa.Array, edges: npt.NDArray[np.int64], *places: npt.NDArray[np.int64]) -> tuple[pa.Array, ...]:
    """Return the turns of each row cut at ``places``, those of each piece joined by line breaks."""
    pieces = len(places) + 1
    cuts = np.append(np.stack((edges[:-1], *places), axis=1).ravel(), edges[-1])
    parts = pc.binary_join(pa.ListArray.from_arrays(pa.array(cuts, pa.int32()), contents.fill_null("")), "\n")
    return tuple(parts.take(pa.array(np.arange(n, len(parts), pieces))) for n in range(pieces))


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


def tool_calls(table: pa.Table) -> pa.Array:
    """Return the tool calls of each row as text, name and arguments, empty where it has none."""
    messages = turns(table)
    calls = _field(messages, "tool_calls")
    out = np.full(len(messages), "", dtype=object)
    called = np.flatnonzero(pc.greater(pc.list_value_length(calls).fill_null(0), 0).to_numpy(zero_copy_only=False))
    owners = np.searchsorted(bounds(messages), called, "right") - 1
    for row, of_turn in zip(owners.tolist(), calls.take(pa.array(called)).to_pylist(), strict=True):
        out[row] += " ".join(f"{call['name']}({_canonical(call['arguments'])})" for call in of_turn) + "\n"
    return pa.array(out, pa.string())


def _canonical(arguments: str | None) -> str:
    """Return JSON text with its keys sorted; what is no JSON as it is."""
    try:
        return json.dumps(json.loads(arguments or ""), sort_keys=True, ensure_ascii=False)
    except ValueError:
        return arguments or ""


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


def rendered(table: pa.Table) -> pa.Array:
    """Return the whole text of each row as chat formats have it: the context stands after the instruction."""
    return _joined(_combined(table["system"]), _join(turns(table), rendered_contents(table)))


def conversation(table: pa.Table) -> pa.Array:
    """Return the whole text of each row: system prompt, context and every turn, joined by line breaks."""
    return _joined(_combined(table["system"]), _combined(table["context"]), said(table))


def compared(table: pa.Table) -> pa.Array:
    """Return all text of each row but reasoning, its rejected replies included."""
    return _joined(rendered(table), rejected(table))


def thoughts(table: pa.Table) -> pa.Array:
    """Return the reasoning of all turns of each row, joined by line breaks, empty where there is none."""
    messages = turns(table)
    reasons = _field(messages, "reasoning")
    return _join(messages, reasons) if reasons.null_count < len(reasons) else pa.array([""] * len(table), pa.string())


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
