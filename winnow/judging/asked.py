"""What ``winnow ask`` needs of the stage ``judge``: its pending requests, its canaries, the model it accepts."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.digests import digests
from winnow.harness.errors import UserError
from winnow.judging import canary
from winnow.judging.buckets import FACTS, LEDGER, RECORDS, ledger_of, wanted
from winnow.judging.canary import Canary
from winnow.judging.render import COLUMNS, Renderer, TooLong
from winnow.judging.rubric_file import FOLDER
from winnow.judging.settings import Settings, settings
from winnow.ledger.request import Request
from winnow.storage.buckets import each_batch, positions, read_bucket

PENDING = Path("data/judge/pending")
RECEIPT = Path("data/receipts/judge.json")
_SNAPSHOT = re.compile(r"[-@:](\d{4}-\d{2}-\d{2}|\d{4,8})")


def settings_of(params: Mapping[str, Any], rubrics: Path = FOLDER) -> Settings:
    """Return the settings of the stage in ``params.yaml``, the rubrics read from the folder ``rubrics``."""
    return settings(params.get("judge") or {}, int(params["seed"]), rubrics)


def accepts(params: Mapping[str, Any]) -> Callable[[str], bool]:
    """Return whether a model that answers under a name is the model that was asked.

    It is where the names are equal, where the answer adds the date of a snapshot, or where ``judge.answers_as`` says
    so.

    >>> accepted = accepts({"seed": 0, "judge": {"model": "gpt-4o"}})
    >>> [accepted(name) for name in ("gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini", "gpt-4o-mini-2024-07-18")]
    [True, True, False, False]
    """
    group = params.get("judge") or {}
    names = {str(group.get("model", "")), str(group.get("answers_as", ""))} - {""}

    def accepted(name: str) -> bool:
        return name in names or any(
            name.startswith(one) and _SNAPSHOT.fullmatch(name[len(one) :]) is not None for one in names
        )

    return accepted


def canaries(params: Mapping[str, Any], session: int) -> list[Canary]:
    """Return the canaries of one session; each session's have keys of their own."""
    return canary.canaries(settings_of(params), session)


def pending(params: Mapping[str, Any], again: Collection[str] = ()) -> Iterator[Request]:
    """Yield the requests without a reply, each once, made again from the records bucket by bucket.

    With ``again`` also those whose reply has one of these statuses. Raises :class:`UserError` where the requests are
    not those that the stage listed: records or settings have changed since.
    """
    found, seen = settings_of(params), set[str]()
    _check_receipt(found)
    if found.rubrics:
        for bucket in range(int(params["buckets"])):
            for one in _bucket(bucket, found, frozenset(again)):
                if one.key not in seen:
                    seen.add(one.key)
                    yield one


def _check_receipt(found: Settings) -> None:
    """Raise where the stage last ran with other settings or rubrics: its list, empty perhaps, is of other requests."""
    if not RECEIPT.is_file():
        return
    told = json.loads(RECEIPT.read_text(encoding="utf-8"))
    then, listed = told["settings"], told["settings"]["rubrics"]
    files = [(FOLDER / f"{rubric.name}.yaml").as_posix() for rubric in found.rubrics]
    same = listed == [rubric.name for rubric in found.rubrics] and all(
        told["inputs"].get(file) == digest for file, digest in digests(files).items()
    )
    same = same and all(then[one.name] == getattr(found, one.name) for one in fields(found) if one.name != "rubrics")
    if not same:
        raise UserError(
            "params.yaml (judge) or data/rubrics have changed since the requests were listed; run dvc repro judge, "
            "then winnow ask again."
        )


def _bucket(bucket: int, settings: Settings, again: frozenset[str]) -> Iterator[Request]:
    """Yield the requests of one bucket in the order of its rows, made batch by batch."""
    listed = read_bucket(PENDING, bucket, ["row_id", "key"])
    keys = set(listed["key"].to_pylist())
    if not keys and not again:
        return
    known = read_bucket(FACTS, bucket, ["row_id", "language"])
    of_rows = pa.array(sorted(set(listed["row_id"].to_pylist())), pa.string())
    renderer, missing = Renderer(settings), set(keys)
    for table in each_batch(RECORDS, bucket, COLUMNS):
        made = dict[str, Request]()
        table = table.filter(wanted(table["row_id"], bucket, settings))  # a row that left since is not paid for
        table = table if again else table.filter(pc.is_in(table["row_id"], value_set=of_rows))
        languages = known["language"].take(pa.array(positions(table["row_id"], known["row_id"]))).to_pylist()
        for row, language in zip(table.to_pylist(), languages, strict=True):
            for rubric in settings.rubrics:
                with suppress(TooLong):
                    made |= {one.request.key: one.request for one in renderer.requests(row, language, rubric)}
        missing -= made.keys()
        chosen = keys | _answered(made, again)
        yield from (one for key, one in made.items() if key in chosen)
    if missing:
        raise UserError(
            f"{len(missing):,} requests of {PENDING} are made otherwise by the settings and rows as they are now; "
            "run dvc repro judge, then winnow ask again."
        )


def _answered(made: Collection[str], again: frozenset[str]) -> set[str]:
    """Return those keys whose reply has one of the statuses ``again``."""
    if not again:
        return set()
    ledger, keys = ledger_of(LEDGER), sorted(made)
    places = ledger.positions(keys)
    statuses = ledger.table["status"].take(pa.array(places, mask=places < 0)).to_pylist()
    return {key for key, status in zip(keys, statuses, strict=True) if status in again}
