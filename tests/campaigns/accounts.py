"""Account for every raw unit of a built version: the raw files are read again and counted, source by source."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from winnow.adding.params import RAW
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params
from winnow.reading.adapter import Adapter
from winnow.reading.entries import Entry, entries
from winnow.reading.files import read_units
from winnow.reading.registry import adapters
from winnow.reading.units import BadUnit
from winnow.reading.window import Caps
from winnow.release.index import read_index


class Account(NamedTuple):
    """What became of one source: raw units as counted here, the stage's terms, rows, and rows in the release."""

    source: str
    adapter: str
    raw: int
    used: int
    skipped: int
    quarantined: int
    rows: int
    inside: int
    outside: int
    released: int


def _raw_units(entry: Entry, adapter: Adapter, caps: Caps) -> int:
    count = 0
    for file in entry.files(RAW):
        for unit in read_units(file, entry.encoding, caps, adapter.header, adapter.list_unit, form=entry.form):
            count += 1 if isinstance(unit, BadUnit) else len(adapter.expand(unit))
    return count


def accounts() -> list[Account]:
    """Return the accounts of the version in the working directory."""
    params = read_params()
    caps = Caps(params["normalize"]["max_file_bytes"], params["normalize"]["max_unit_chars"])
    units: Counter[tuple[str, str]] = Counter()
    for row in pyarrow.csv.read_csv("metrics/plots/normalize/units.csv").to_pylist():
        units[row["source"], row["outcome"]] += row["units"]
    index = read_index(Path("data/index.parquet"), columns=["source", "status", "stage"])
    rows: Counter[tuple[str, str]] = Counter()
    left_out: Counter[str] = Counter()
    for group in index.group_by(index.column_names).aggregate([([], "count_all")]).to_pylist():
        if group["stage"] == "normalize":
            left_out[group["source"]] += group["count_all"]
        else:
            rows[group["source"], group["status"]] += group["count_all"]
    records = _by_source(sorted(Path("data/clean/records").glob("*.parquet")))
    released = _by_source(sorted(Path("data/export/parquet").glob("*.parquet")))
    made = []
    for entry in entries(params["sources"]):
        name, adapter = entry.name, adapters()[entry.adapter]
        used, skipped, quarantined = (units[name, outcome] for outcome in ("used", "skipped", "quarantined"))
        made.append(
            Account(
                source=name,
                adapter=entry.adapter,
                raw=_raw_units(entry, adapter, caps),
                used=used,
                skipped=skipped,
                quarantined=quarantined,
                rows=records[name],
                inside=rows[name, "in"],
                outside=rows[name, "out"],
                released=released[name],
            )
        )
        if (left := skipped + quarantined) != left_out[name]:
            raise UserError(f"source {name}: {left:,} units were left out, the index has {left_out[name]:,}.")
    return made


def _by_source(files: list[Path]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for file in files:
        values = pc.value_counts(pq.read_table(file, columns=["source"])["source"]).to_pylist()
        counts.update({one["values"]: one["counts"] for one in values})
    return counts


def check(books: list[Account], needed: Iterable[str]) -> None:
    """Raise :class:`UserError` where a raw unit or a row is missing, or a ``needed`` adapter in the release."""
    for one in books:
        if one.raw != one.used + one.skipped + one.quarantined:
            raise UserError(
                f"source {one.source}: its files hold {one.raw:,} raw units; {one.used:,} used, {one.skipped:,} "
                f"skipped and {one.quarantined:,} quarantined do not add up to that."
            )
        if one.rows != one.inside + one.outside:
            raise UserError(f"source {one.source}: of {one.rows:,} rows {one.inside:,} are in and {one.outside:,} out.")
        if one.released != one.inside:
            raise UserError(f"source {one.source}: {one.inside:,} rows are in, the release has {one.released:,}.")
    released = Counter[str]()
    for one in books:
        released[one.adapter] += one.released
    if missing := [name for name in needed if not released[name]]:
        raise UserError(f"the release has no row of adapter {', '.join(missing)}.")
