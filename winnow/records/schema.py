"""Every Arrow schema of the project. Nothing infers types: a column that is not here does not exist."""

import pyarrow as pa

_TEXT = pa.string()

TOOL_CALL = pa.struct([("id", _TEXT), ("name", _TEXT), ("arguments", _TEXT)])
MESSAGE = pa.struct(
    [
        ("role", _TEXT),
        ("content", _TEXT),
        ("reasoning", _TEXT),
        ("tool_calls", pa.list_(TOOL_CALL)),
        ("tool_call_id", _TEXT),
        ("train", pa.bool_()),
    ]
)
REJECTED = pa.struct([("messages", pa.list_(MESSAGE)), ("rank", pa.int32()), ("score", pa.float64())])

RECORDS = pa.schema(
    [
        ("row_id", _TEXT),
        ("content_hash", _TEXT),
        ("source", _TEXT),
        ("license", _TEXT),
        ("kind", _TEXT),
        ("origin", _TEXT),
        ("parents", pa.list_(_TEXT)),
        ("group", _TEXT),
        ("system", _TEXT),
        ("context", _TEXT),
        ("messages", pa.list_(MESSAGE)),
        ("prompt_turns", pa.int32()),
        ("rejected", pa.list_(REJECTED)),
        ("margin", pa.float64()),
        ("label", pa.bool_()),
        ("tools", _TEXT),
        ("metadata", _TEXT),
    ]
)
"""One row = one conversation."""

RELEASE = RECORDS.append(pa.field("language", _TEXT)).append(pa.field("repeats", pa.int32()))
"""One row = one released conversation: the record, its language, and how often training should draw it."""

PLACES = pa.schema([("row_id", _TEXT), ("source", _TEXT), ("file", _TEXT), ("line", pa.int64())])
"""One row = one raw unit that a record was read from."""

LEFT_OUT = pa.schema(
    [
        ("unit_id", _TEXT),
        ("source", _TEXT),
        ("outcome", _TEXT),
        ("reason", _TEXT),
        ("detail", _TEXT),
        ("file", _TEXT),
        ("line", pa.int64()),
        ("raw", _TEXT),
    ]
)
"""One row = one raw unit that became no record: ``outcome`` is ``quarantined`` (it could not be read) or ``skipped``
(the source itself says that it is not to be used); ``unit_id`` is ``<source>:!<digest of its raw text>``."""

EDITS = pa.schema([("row_id", _TEXT), ("field", _TEXT), ("rule", _TEXT), ("before", _TEXT), ("after", _TEXT)])
"""One row = what one rule did to one field of one record."""

NEIGHBOURS = pa.schema([("row_id", _TEXT), ("other_row_id", _TEXT), ("relation", _TEXT), ("similarity", pa.float64())])
"""One row = a row and the smallest id of its group (``exact``, ``prompt``, ``response``), or a verified link
between two rows (``near``, ``semantic``)."""

OVERLAPS = pa.schema(
    [("row_id", _TEXT), ("benchmark", _TEXT), ("item", _TEXT), ("measure", _TEXT), ("overlap", pa.float64())]
)
"""One row = a record and a benchmark item that overlap."""

DECISIONS = pa.schema(
    [
        ("row_id", _TEXT),
        ("verdict", _TEXT),
        ("reason", _TEXT),
        ("value", pa.float64()),
        ("limit", pa.float64()),
        ("other_row_id", _TEXT),
        ("detail", _TEXT),
    ]
)
"""One row = the verdict of one gate on one row that was alive when it entered: ``keep`` or ``drop``."""

SCORES = DECISIONS.append(pa.field("score", pa.float64()))
SPLITS = DECISIONS.append(pa.field("split", _TEXT))
MIXES = DECISIONS.append(pa.field("repeats", pa.int32()))

JUDGEMENTS = pa.schema(
    [
        ("row_id", _TEXT),
        ("rubric", _TEXT),
        ("criterion", _TEXT),
        ("value", pa.float64()),
        ("label", _TEXT),
        ("spread", pa.float64()),
        ("samples", pa.int32()),
        ("pending", pa.int32()),
        ("unusable", pa.int32()),
    ]
)
"""One row = what a model said of one row by one criterion of one rubric: the mean of ``samples`` verdicts and their
``spread`` (largest minus smallest), or a ``label``; ``pending`` replies are still to be asked for, ``unusable`` ones
are no verdict."""

PENDING = pa.schema([("row_id", _TEXT), ("rubric", _TEXT), ("sample", pa.int32()), ("key", _TEXT)])
"""One row = a request without a reply in the ledger."""

INDEX = pa.schema(
    [
        ("row_id", _TEXT),
        ("source", _TEXT),
        ("license", _TEXT),
        ("content_hash", _TEXT),
        ("status", _TEXT),
        ("stage", _TEXT),
        ("reason", _TEXT),
        ("split", _TEXT),
        ("repeats", pa.int32()),
    ]
)
"""A version in one thin table: one row = one row or raw unit ever seen, in or out."""
