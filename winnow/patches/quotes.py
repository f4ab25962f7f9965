"""Where a text stands: in records before and after cleaning, in raw units that became no row, in patches, in files.

Texts are compared in normal form (NFKC, case and white space folded, without signs that show nothing) and looked for in
every field of a record, tool calls and metadata too; there, and in raw units and files, also as JSON escapes them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.errors import UserError
from winnow.harness.processes import workers
from winnow.lineage.search import search
from winnow.patches.digests import COLUMNS
from winnow.patches.fields import get, names
from winnow.patches.patch import Patch
from winnow.reading.text import text_chunks
from winnow.records.views import bounds
from winnow.storage.parquet import each_row_group
from winnow.text.normal import normalised
from winnow.versions.git import git
from winnow.versions.outputs import Outputs

NORMALIZED, CLEAN, LEFT_OUT = "data/normalize/records", "data/clean/records", "data/normalize/left_out"
_ELSEWHERE = ("data/raw/", "data/patches/", "data/ledger/")
"""What is looked into by other ways than as files: raw units, patches, replies."""

_ASIDE = ("data/.damaged", "data/.ask")
"""Folders outside of Git that keep copies of what was damaged, and of replies."""

_MOST = 1 << 30  # bytes of a file that are looked at after decompression

_TEXTS = ("system", "context", "messages", "rejected")
_SEARCHED = {NORMALIZED: (*_TEXTS, "tools", "metadata"), CLEAN: _TEXTS}
"""Cleaning changes neither tools nor metadata; clean metadata has the tags of patches too, which are searched there."""
_HIDDEN = (
    r"[\x00-\x08\x0e-\x1f\x7f\x{ad}\x{34f}\x{61c}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}\x{200b}-\x{200f}"
    r"\x{202a}-\x{202e}\x{2060}-\x{206f}\x{3164}\x{fe00}-\x{fe0f}\x{feff}\x{ffa0}\x{fff0}-\x{fff8}\x{1bca0}-\x{1bca3}"
    r"\x{1d173}-\x{1d17a}\x{e0000}-\x{e0fff}]"
    r"|\\u(?:00(?:0[0-8ef]|1[0-9a-f]|7f|ad)|034f|061c|115f|1160|17b[45]|180[b-f]|200[b-f]|202[a-e]|206[0-9a-f]|3164"
    r"|fe(?:0[0-9a-f]|ff)|ff(?:a0|f[0-8])|db40\\ud[c-f][0-9a-f]{2})"
)
"""Control characters and what Unicode calls Default_Ignorable, in RE2's spelling; also as JSON escapes it."""
_Mask = npt.NDArray[np.bool_]


class Quote:
    """A text that is looked for; one without a letter or sign is a :class:`UserError`."""

    def __init__(self, text: str) -> None:
        escaped = (json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True))
        forms = _shown(pa.array([text, *escaped])).to_pylist()
        if not forms[0]:
            raise UserError("the text is empty.")
        self.text, self._forms = text, sorted(set(forms))

    def within(self, values: pa.Array) -> _Mask:
        """Return for each value of an array of texts, or of lists and structs with texts, whether it holds the text."""
        if isinstance(values, pa.ListArray):
            counts = np.concatenate(([0], np.cumsum(self.within(pc.list_flatten(values)))))
            return np.asarray(np.diff(counts[bounds(values)]) > 0)
        if isinstance(values, pa.StructArray):
            parts = (self.within(pc.struct_field(values, field.name)) for field in values.type)
            return reduce(np.logical_or, parts, np.zeros(len(values), bool))
        if not pa.types.is_string(values.type) or values.null_count == len(values):
            return np.zeros(len(values), bool)
        texts = _shown(values)
        hits = (pc.match_substring(texts, form).fill_null(False) for form in self._forms)
        return np.asarray(reduce(pc.or_, hits).to_numpy(zero_copy_only=False), bool)

    def among(self, texts: Sequence[str]) -> list[str]:
        """Return those of ``texts`` that hold the text."""
        return [text for text, hit in zip(texts, self.within(pa.array(texts, pa.string())), strict=True) if hit]


def _shown(texts: pa.Array) -> pa.Array:
    """Return texts in normal form without signs that show nothing, by which a text would hide from a search."""
    return pc.replace_substring_regex(normalised(texts), _HIDDEN, "")


def rows_with(version: Outputs, quote: Quote) -> dict[str, set[str]]:
    """Return the rows that hold a text, before or after cleaning, each with the names of the fields that hold it; a
    row that has it in its tools or metadata alone has none.
    """

    def of_part(task: tuple[str, int]) -> list[dict[str, Any]]:
        folder, bucket = task
        out: list[dict[str, Any]] = []
        for table in each_row_group(version.part(folder, bucket), sorted({*COLUMNS, *_SEARCHED[folder]})):
            columns = (quote.within(table[name].combine_chunks()) for name in _SEARCHED[folder])
            out += table.filter(pa.array(reduce(np.logical_or, columns))).select(COLUMNS).to_pylist()
        return out

    rows: dict[str, set[str]] = {row_id: set() for row_id in search(version, quote.text)}
    with ThreadPoolExecutor(workers()) as pool:
        for records in pool.map(of_part, product((NORMALIZED, CLEAN), range(version.buckets))):
            for record in records:
                texts = {name: get(record, name) or "" for name in names(record)}
                holding = set(quote.among(list(texts.values())))
                rows.setdefault(record["row_id"], set()).update(n for n, text in texts.items() if text in holding)
    return dict(sorted(rows.items()))


def units_with(version: Outputs, quote: Quote) -> list[str]:
    """Return the ids of the raw units that became no row and hold a text."""
    ids: list[str] = []
    for bucket in range(version.buckets):
        for table in each_row_group(version.part(LEFT_OUT, bucket), ["unit_id", "detail", "raw"]):
            hits = quote.within(table["raw"].combine_chunks()) | quote.within(table["detail"].combine_chunks())
            ids += table["unit_id"].filter(pa.array(hits)).to_pylist()
    return sorted(ids)


def without(patches: Iterable[Patch], quote: Quote, reason: str) -> Mapping[str, Patch | None]:
    """Return, by row id, the patches that quote a text as they are without it, None for one that says nothing then.

    Edits and tags with the text go; a reason or author with it is replaced by ``reason``.
    """
    changed: dict[str, Patch | None] = {}
    for patch in patches:
        said = [patch.reason, patch.author, *patch.tags, *(edit.to for edit in patch.edits.values())]
        if quoting := set(quote.among(said)):
            less = replace(
                patch,
                author=reason if patch.author in quoting else patch.author,
                reason=reason if patch.reason in quoting else patch.reason,
                edits={name: edit for name, edit in patch.edits.items() if edit.to not in quoting},
                tags=tuple(tag for tag in patch.tags if tag not in quoting),
            )
            changed[patch.row_id] = less if less.edits or less.drop or less.tags else None
    return changed


def files_with(root: Path, quote: Quote) -> list[Path]:
    """Return the files that people keep in Git, or Winnow kept aside, and that hold a text: benchmarks, settings, ….

    Raw files, patches and replies are not among them.
    """
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", root=root).split("\0")
    names = [name for name in listed if name and not name.startswith(_ELSEWHERE)]
    aside = [file for name in _ASIDE for file in (root / name).rglob("*")]
    files = [file for file in (*(root / name for name in names), *aside) if file.is_file() and not file.is_symlink()]
    return sorted(file for file in set(files) if quote.among([_text(file)]))


def _text(file: Path) -> str:
    """Return what a file says, decompressed; bytes that are no text as well as they can be read."""
    if file.suffix == ".parquet":
        import pyarrow.parquet as pq

        with suppress(pa.ArrowException, OSError):
            return repr(pq.read_table(file).to_pylist())
    with suppress(UserError, OSError):
        return "".join(text_chunks(file, "utf-8", _MOST))
    return file.read_bytes().decode(errors="replace")
