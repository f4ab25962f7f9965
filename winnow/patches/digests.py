"""Digests of the texts of a record as its source wrote them, which drops and takedowns are bound to.

``content_hash`` is that of the cleaned row as a whole, so a rule that is switched off, another system prompt or one
more turn brings a row back. A drop therefore also keeps digests of single texts, made before any cleaning or masking,
of their normal form (NFKC, case and white space folded, :func:`winnow.text.normal.normalised`):

- each reply of the row, if it is long (:data:`winnow.patches.beside.LONG`). It is found
  as a reply, a rejected reply or any other text of any row;
- each shorter reply with the user turn before it, if both together are that long or are the whole conversation:
  "Yes." alone would name every row that says so;
- where turns of the row were merged, the same of their parts, since the next source may hold them singly;
- each text that ``winnow takedown --text`` named, however short.

They are looked for in every text of a row, and in what :mod:`winnow.patches.beside` finds beside them.

A digest does not tell the text. It catches no paraphrase, and no text that other words surround.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa

from winnow.patches.beside import beside, has_merged, is_long, runs
from winnow.patches.fields import get, names
from winnow.patches.patch import Patch, rank
from winnow.records.identity import digest
from winnow.text.normal import normalised, text_keys

COLUMNS = ("row_id", "system", "context", "messages", "prompt_turns", "rejected", "metadata")
"""The columns of records that hold the texts."""


class _Reply(NamedTuple):
    prompt: str
    text: str


def bound(record: dict[str, Any], named: Collection[str] = ()) -> set[str]:
    """Return the digests that a drop of ``record`` keeps; ``named`` are fields that are bound however short."""
    replies = [one for one in _replies(record) if one.text.strip()]
    fields = [text for name in sorted(named) if (text := get(record, name))]
    singly = list(_singly(replies)) if has_merged(record) else []
    keys = _keys([*fields, *chain.from_iterable(replies), *chain.from_iterable(singly)])
    out = {keys[text] for text in fields}
    for reply in chain(replies, singly):
        if is_long(reply.text):
            out.add(keys[reply.text])
        elif is_long(reply.prompt + reply.text) or replies == [reply]:
            out.add(_pair(keys, reply))
    return out


def _singly(replies: Iterable[_Reply]) -> Iterator[_Reply]:
    """Yield what replies say to their prompts in each run of the paragraphs that merged turns consist of."""
    for prompt, text in replies:
        yield from (_Reply(prompt, part) for part in runs(text.split("\n\n")))
        yield from (_Reply(part, text) for part in runs(prompt.split("\n\n")))


def by_digest(patches: Iterable[Patch]) -> dict[str, Patch]:
    """Return the patch that drops the rows with a text, by its digest; takedowns win, then the smallest row id."""
    drops = sorted((one for one in patches if one.drop and one.texts), key=rank, reverse=True)
    return {text: patch for patch in drops for text in patch.texts}


def matches(table: pa.Table, named: Mapping[str, Patch]) -> dict[str, str]:
    """Return, by row id, the row id of the patch that a text of the row is bound to; ``named`` is by digest."""
    if not named or not len(table):
        return {}
    rows = table.select(COLUMNS).to_pylist()
    replies = [list(_replies(row)) for row in rows]
    texts = [
        [*filter(None, (get(row, name) for name in names(row))), *chain.from_iterable(pairs), *beside(row)]
        for row, pairs in zip(rows, replies, strict=True)
    ]
    keys = _keys(chain.from_iterable(texts))
    out = {}
    for row, some, pairs in zip(rows, texts, replies, strict=True):
        digests = chain((keys[text] for text in some), (_pair(keys, one) for one in pairs))
        if patches := [named[one] for one in digests if one in named]:
            out[row["row_id"]] = min(patches, key=rank).row_id
    return out


def _replies(record: dict[str, Any]) -> Iterator[_Reply]:
    """Yield each reply, chosen and rejected, with the user turn before it; the calls of a reply belong to its text."""
    turns = record["messages"]
    opening = turns[: record["prompt_turns"]]
    yield from _pairs("", turns)
    asked = next((turn["content"] or "" for turn in reversed(opening) if turn["role"] == "user"), "")
    for one in record["rejected"] or ():
        yield from _pairs(asked, one["messages"])


def _pairs(prompt: str, turns: Sequence[dict[str, Any]]) -> Iterator[_Reply]:
    for turn in turns:
        if turn["role"] == "user":
            prompt = turn["content"] or ""
        elif turn["role"] == "assistant":
            calls = [f"{call['name']} {call['arguments']}" for call in turn["tool_calls"] or ()]
            yield _Reply(prompt, "\n".join([turn["content"] or "", *calls]) if calls else turn["content"] or "")


def _keys(texts: Iterable[str]) -> dict[str, str]:
    """Return the digest of each text."""
    distinct = list(dict.fromkeys(texts))
    return dict(zip(distinct, text_keys(normalised(pa.array(distinct, pa.string()))).to_pylist(), strict=True))


def _pair(keys: Mapping[str, str], reply: _Reply) -> str:
    return digest(keys[reply.prompt] + keys[reply.text])
