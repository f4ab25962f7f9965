"""Alpaca as JSON Lines: ``instruction``, ``input``, ``output``, ``system``, ``history`` ``[[question, answer]…]``.

For LLaMA-Factory, Axolotl (``type: alpaca``) and whatever reads Stanford's file. Traps: LLaMA-Factory drops a row whose
``output`` is no text, joins ``instruction`` and ``input`` by one line break, and trains on the answers in ``history``
too; Axolotl and Stanford's script know no ``system`` (Axolotl: ``type: alpaca_w_system.load_open_orca``) and no
``history``. The context goes to ``input``, the one place made for it, so no template is used; every key is in every
row. Rows with tools, and those with turns other than question and answer, are left out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from winnow.release.formats.jsonlines import CannotCarry, Conversation, conversations, join_lines, write_rows
from winnow.release.formats.llama_factory import all_trained, text, unnamed

EXTENSION = "jsonl"
KINDS = frozenset({"sft"})
LLAMA_FACTORY = {
    "columns": {
        "prompt": "instruction",
        "query": "input",
        "response": "output",
        "system": "system",
        "history": "history",
    }
}
_SHOWS = ('"history":[[',)


def render(row: Conversation) -> Iterator[dict[str, Any]]:
    """Yield the row."""
    if row.tools or any(turn.tool_calls or turn.role == "tool" for turn in row.turns):
        raise CannotCarry("tool_calls")
    roles = [turn.role for turn in row.turns]
    if roles != ["user", "assistant"] * (len(roles) // 2):
        raise CannotCarry("system_turn" if "system" in roles else "turn_order")
    all_trained(row)
    unnamed(row.turns)
    texts = [text(turn) for turn in row.turns]
    yield {
        "row_id": row.row_id,
        "instruction": texts[-2],
        "input": row.context,
        "output": texts[-1],
        "system": row.system,
        "history": [texts[n : n + 2] for n in range(0, len(texts) - 2, 2)],
    }


def fragment(table: pa.Table, path: Path, left_out: Counter[str] | None = None) -> int:
    """Write the lines of one bucket, each row ``repeats`` times; return the number of lines."""
    rows = conversations(table, join_context=False)
    return write_rows(rows, table["repeats"].to_pylist(), render, path, _SHOWS, left_out)


def join(fragments: Sequence[Path], path: Path) -> None:
    """Join the fragments, in their order, into one file."""
    join_lines(fragments, path, _SHOWS)
