"""A takedown as a whole: which rows, raw units and patches it concerns, and all of its files written together."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from winnow.adding.params import params_text, pinned
from winnow.harness.errors import UserError
from winnow.harness.files import Transaction, transaction
from winnow.harness.settings import PARAMS
from winnow.patches.drops import RAW, raw_digest
from winnow.patches.patch import Patch, each_patch, path_of
from winnow.patches.purge import RAW as RAW_FILES
from winnow.patches.purge import Identity, Purged, purge
from winnow.patches.quotes import Quote, rows_with, units_with, without
from winnow.patches.replies import Less, without_replies
from winnow.patches.write import NORMALIZED, PATCHES, alike, content_hashes, records, take_down, take_down_whole
from winnow.reading.entries import entries
from winnow.records.record import canonical_json
from winnow.replies.folders import LEDGER
from winnow.versions.outputs import Outputs


@dataclass(frozen=True)
class Written:
    """What a takedown wrote: content hashes of its rows, raw files, segments of replies without those that quote it."""

    hashes: Mapping[str, str]
    raw: Purged
    replies: Sequence[Less]


@dataclass(frozen=True)
class Plan:
    """What is to be taken down: rows with the fields that are bound by all means, raw units that became no row, the
    patches that quote the text, without it. ``near`` are rows that nearly say the same and stay, ``edited`` those of
    ``rows`` in which only a patch quotes the text: their raw units stay as they are. ``quote`` is the text, if any.
    """

    rows: Mapping[str, Collection[str]]
    units: list[str] = field(default_factory=list)
    patches: Mapping[str, Patch | None] = field(default_factory=dict)
    near: list[str] = field(default_factory=list)
    edited: frozenset[str] = frozenset()
    quote: Quote | None = None

    @property
    def ids(self) -> list[str]:
        """The ids of the rows and of the raw units."""
        return sorted({*self.rows, *self.units})


def plan_for_row(version: Outputs, row_id: str) -> Plan:
    """Return the takedown of a row, or of a raw unit that became no row, and of the rows that say the same."""
    if RAW in row_id:
        if not version.rows("data/normalize/left_out", row_id, "unit_id"):
            raise UserError(f"no raw unit {row_id} in data/normalize/left_out.")
        return Plan({}, [row_id])
    content_hashes(version, [row_id])  # says so where there is no such row
    exact, near = alike(version, [row_id])
    return Plan(dict.fromkeys(sorted({row_id, *exact}), ()), near=near)


def plan_for_text(version: Outputs, text: str, reason: str) -> Plan:
    """Return the takedown of all that holds ``text``; a text that nothing holds is a :class:`UserError`, and so is a
    ``reason`` that quotes it.
    """
    quote = Quote(text)
    if quote.among([reason]):
        raise UserError("the reason quotes the text, and it is shown wherever the rows are; give another.")
    rows, units = rows_with(version, quote), units_with(version, quote)
    patches = without(each_patch(version.root / PATCHES), quote, reason)
    if not rows and not units and not patches and not any(without_replies(version.root / LEDGER, quote)):
        raise UserError("no row holds this text.")
    exact, near = alike(version, rows)
    every = {**dict.fromkeys(exact, ()), **rows}
    others = {row_id: patch for row_id, patch in patches.items() if row_id not in rows}
    quoting = [
        one for one in records(version, NORMALIZED, patches.keys() & rows.keys()) if quote.among([canonical_json(one)])
    ]
    edited = patches.keys() & rows.keys() - {record["row_id"] for record in quoting}
    return Plan(dict(sorted(every.items())), units, others, near, frozenset(edited), quote)


def write_takedown(version: Outputs, plan: Plan, author: str, reason: str, *, purged: bool) -> Written:
    """Write the patches of a takedown, and raw files and replies without what it takes down where ``purged``, all or
    none.

    A file that has a ``url`` gets its new SHA-256 in ``params.yaml``, so that ``winnow fetch`` does not bring the text
    back in silence.
    """
    files = purge(version, _identities(version, plan), plan.quote) if purged else Purged()
    replies = list(without_replies(version.root / LEDGER, plan.quote)) if purged and plan.quote else []
    with transaction() as change:
        hashes = take_down(change, version, plan.rows, author, reason)
        for unit in plan.units:
            take_down_whole(change, version, unit, author, reason)
        for row_id, patch in plan.patches.items():
            file = path_of(row_id, version.root / PATCHES)
            if patch is None:
                change.remove(file)
            else:
                change.write(file, patch.json())
        for path, content in files.contents.items():
            change.write(path, content)
        if files.contents:
            change.write(version.root / PARAMS, _pinned(version, files))
        for less in replies:
            _replace_segment(change, less)
        change.commit()
    return Written(hashes, files, replies)


def _replace_segment(change: Transaction, less: Less) -> None:
    change.remove(less.old)
    holder = less.old.with_name(f"{less.old.name}.dvc")
    if holder.is_file():
        change.remove(holder)
    if less.data is not None:
        change.write(less.new, less.data)


def _identities(version: Outputs, plan: Plan) -> dict[str, Identity]:
    """Return what tells the raw unit of each row and left-out unit from others on the same line."""
    rows = records(version, NORMALIZED, plan.rows.keys() - plan.edited)
    return {
        **{record["row_id"]: (record["content_hash"], record["metadata"]) for record in rows},
        **{unit: raw_digest(unit) for unit in plan.units},
    }


def _pinned(version: Outputs, files: Purged) -> str:
    """Return the text of ``params.yaml`` with the SHA-256 of the files as they are to be."""
    text = params_text()
    for entry in entries(version.params["sources"]):
        contents = [files.contents.get(version.root / RAW_FILES / remote.place) for remote in entry.remotes]
        if any(content is not None for content in contents):
            new = [content if content is None else hashlib.sha256(content).hexdigest() for content in contents]
            text = pinned(
                text, entry.name, [one or remote.sha256 for one, remote in zip(new, entry.remotes, strict=True)]
            )
    return text


def dvc_file(path: Path) -> Path | None:
    """Return the ``.dvc`` file by which DVC keeps a raw file, None where Git keeps it."""
    holders = (place.with_name(f"{place.name}.dvc") for place in (path, *path.parents) if place.name)
    return next((file for file in holders if file.is_file()), None)
