"""Raw files through the adapters, and texts through the cleaning rules, without a repository."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pyarrow as pa

from winnow.adding.files import data_files
from winnow.adding.recognise import surest
from winnow.cleaning.apply import edits as edits_of
from winnow.cleaning.rules import ALL_FIELDS, RULES, Rule
from winnow.harness.errors import UserError
from winnow.reading.collect import FileTask, collect
from winnow.reading.entries import entries
from winnow.reading.forms import form
from winnow.reading.settle import BucketTask, settle
from winnow.reading.window import Caps
from winnow.storage.buckets import read_bucket

_CAPS = Caps(1 << 40, 1 << 30)  # whoever reads by hand knows the size of the file


class RawFiles(NamedTuple):
    """Raw files as ``normalize`` reads them: ``records``, the units ``left_out`` with outcome, reason, detail and raw
    text, the ``places`` (file and line) of each record, and the name of the ``adapter``.
    """

    records: pa.Table
    left_out: pa.Table
    places: pa.Table
    adapter: str


def read(
    path: str | Path, adapter: str = "", *, source: str = "raw", license: str = "NOASSERTION", **options: Any
) -> RawFiles:
    """Read a raw file, or a folder of them, into records with the ids that they would have as the source ``source``.

    ``adapter`` is recognised from the first units where it is empty. ``options`` are the other keys of a source's entry
    in ``params.yaml`` (``encoding``, ``origin``, an option of the adapter), and errors name them so.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "rows.jsonl")
    ...     _ = file.write_text('{"instruction": "Why do cats purr?", "output": "They rest."}\\n{"output": 7}\\n')
    ...     raw = read(file, "alpaca")
    >>> [turn["content"] for turn in raw.records["messages"][0].as_py()]
    ['Why do cats purr?', 'They rest.']
    >>> raw.left_out.select(["line", "reason"]).to_pylist()
    [{'line': 2, 'reason': 'missing_field'}]
    """
    files = data_files([Path(path)])
    if not adapter:
        adapter, found = surest(files, options.get("encoding", "utf-8"), form=form(f"sources.{source}", options))
        options = {**found, **options}
    (entry,) = entries({source: {"adapter": adapter, "path": source, "license": license, **options}})
    with TemporaryDirectory(prefix="winnow-") as temporary:
        scratch, *folders = (Path(temporary, name) for name in ("spill", "records", "places", "left_out"))
        for number, (file, _) in enumerate(files):
            collect(FileTask(entry, file, number, scratch, 1, _CAPS))
        settle(BucketTask(0, scratch, *folders))
        records, places, left_out = (read_bucket(folder, 0) for folder in folders)
    return RawFiles(records, left_out, places, adapter)


def clean(text: str, field: str = "response", rules: Sequence[str] | None = None) -> str:
    """Return ``text`` after the cleaning rules of its ``field`` (``instruction``, ``response``, ``context`` or
    ``system``): all rules, or those that ``rules`` names.

    >>> clean("Tom &amp; Jerry donâ€™t rest."), clean("Tom &amp; Jerry donâ€™t rest.", rules=["html"])
    ('Tom & Jerry don’t rest.', 'Tom & Jerry donâ€™t rest.')
    """
    *_, (_, _, after) = [("", "", text), *_edits(text, field, rules)]
    return after


def edits(text: str, field: str = "response", rules: Sequence[str] | None = None) -> list[dict[str, str]]:
    """Return what each rule changes in ``text``, in order: ``rule``, the text ``before`` and ``after``.

    >>> edits("Fine &amp; good", rules=["html"])
    [{'rule': 'html', 'before': 'Fine &amp; good', 'after': 'Fine & good'}]
    """
    return [{"rule": rule, "before": before, "after": after} for rule, before, after in _edits(text, field, rules)]


def _edits(text: str, field: str, rules: Sequence[str] | None) -> list[tuple[str, str, str]]:
    if field not in ALL_FIELDS:
        raise UserError(f"no rule cleans the field {field!r}; they clean {', '.join(sorted(ALL_FIELDS))}.")
    return edits_of(text, field, RULES if rules is None else [_rule(name) for name in rules])


def _rule(name: str) -> Rule:
    for rule in RULES:
        if rule.name == name:
            return rule
    raise UserError(f"there is no rule {name!r}; there are {', '.join(rule.name for rule in RULES)}.")
