"""Chat messages as JSON Lines: ``{"row_id", "messages": [{"role", "content"}…]}``, with ``tools`` where a row has them.

Read unchanged by TRL (conversational language modelling), Axolotl (``chat_template``) and HF ``datasets``. There is
never a ``prompt`` beside ``messages``, which TRL would take for another format.

``tools`` is JSON text, as it stands in the record: TRL (1.16; 0.24 does not yet), Axolotl and LLaMA-Factory parse it,
and HF ``datasets`` refuses a file of lists whose types differ after its first 10 MB. Tools that are no JSON list stop
Axolotl's run, so rows with such are left out.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.records import views
from winnow.release.formats.chat import SHOWS
from winnow.release.formats.jsonlines import OPTIONAL, join_lines, write_lines
from winnow.release.template import rendered_contents

EXTENSION = "jsonl"
KINDS = frozenset({"sft"})


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = {"name": call["name"], "arguments": call["arguments"]}
    named = {} if call["id"] is None else {"id": call["id"]}
    return {**named, "type": "function", "function": function}


def _turn(turn: dict[str, Any], content: str) -> dict[str, Any]:
    out: dict[str, Any] = {"role": turn["role"], **({} if turn["name"] is None else {"name": turn["name"]})}
    out["content"] = content
    if turn["reasoning"] is not None:
        out["reasoning_content"] = turn["reasoning"]
    if turn["tool_calls"]:
        out["tool_calls"] = [_call(call) for call in turn["tool_calls"]]
    if turn["tool_call_id"] is not None:
        out["tool_call_id"] = turn["tool_call_id"]
    if turn["train"] is not None:
        out["weight"] = int(turn["train"])
    return out


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except ValueError:
        return False


def lines(table: pa.Table) -> list[str]:
    """Return one JSON line per row, the context joined to the instruction, a system prompt as the first message.

    The line of a row whose tools are no list is empty.
    """
    flat = pc.list_flatten(views.turns(table))
    contents = rendered_contents(table).to_pylist()
    roles = pc.struct_field(flat, "role").to_pylist()
    extras = [name for name in OPTIONAL if pc.struct_field(flat, name).null_count < len(flat)]
    if extras:
        turns = [_turn(turn, content) for turn, content in zip(flat.to_pylist(), contents, strict=True)]
    else:
        turns = [{"role": role, "content": content} for role, content in zip(roles, contents, strict=True)]
    edges = views.bounds(views.turns(table)).tolist()
    out = []
    systems, tools = table["system"].to_pylist(), table["tools"].to_pylist()
    for n, row_id in enumerate(table["row_id"].to_pylist()):
        messages = turns[edges[n] : edges[n + 1]]
        if systems[n]:
            messages = [{"role": "system", "content": systems[n]}, *messages]
        row: dict[str, Any] = {"row_id": row_id, "messages": messages}
        if tools[n]:
            if not _is_list(tools[n]):
                out.append("")
                continue
            row["tools"] = tools[n]
        out.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    return out


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    repeated: list[str] = []
    for line, times in zip(lines(table), table["repeats"].to_pylist(), strict=True):
        if line:
            repeated += [line] * times
        elif left_out is not None:
            left_out["tools_not_a_list"] += times
    write_lines(repeated, path, SHOWS)
    return len(repeated)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, SHOWS)
