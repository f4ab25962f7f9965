r"""The FLAN Collection: rows of ``inputs`` and ``targets``, and its chain-of-thought files.

Those are TSV without a header: question, answer, chain of thought. As FLAN's own loader reads them, a tab parts the
columns whatever is around it (no quoting: many questions begin with a quoted sentence), and ``\n`` as two characters in
question or chain is a line break; the answer is left alone. The chain becomes the reply's ``reasoning`` and the answer
its text: no sentence is made up to join the two.

``inputs`` hold prompt, examples and options in one text; nothing in the row shows where one ends, so they stay one.
"""

from typing import Any

from winnow.reading.adapter import Adapter, Options, Unusable, own_id, per_unit, rest, share, text
from winnow.records.record import Message, Record

_USED = frozenset({"id", "inputs", "targets"})
_COLUMNS = {"0", "1", "2"}


def _row_of_table(value: dict[str, Any]) -> Record:
    if value.keys() != _COLUMNS:
        raise Unusable("wrong_columns", f"a row has question, answer and chain of thought, not {len(value)} columns")
    question, answer, chain = (text(value, name) for name in ("0", "1", "2"))
    question, chain = question.replace("\\n", "\n"), chain.replace("\\n", "\n")
    return Record(
        messages=[Message("user", question), Message("assistant", answer, chain or None)],
        key_text=(question, answer, chain),
    )


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one row of either layout; task, template and all other fields go into the metadata."""
    if "0" in value:
        return _row_of_table(value)
    inputs, targets = text(value, "inputs"), text(value, "targets")
    return Record(
        messages=[Message("user", inputs), Message("assistant", targets)],
        key_text=(inputs, targets),
        key=own_id(value),
        metadata=rest(value, _USED),
    )


def _looks_like(value: dict[str, Any]) -> bool:
    if value.keys() == _COLUMNS:
        return all(isinstance(cell, str) for cell in value.values())
    return {"inputs", "targets"} <= value.keys() and "definition" not in value


ADAPTER = Adapter(
    summary="FLAN Collection: inputs and targets, or chain-of-thought TSV (question, answer, chain)",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
    header=False,
)
