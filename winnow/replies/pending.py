"""What ``winnow ask`` needs of a stage: its pending requests, made again from the rows, its canaries, its model."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic

import pyarrow as pa

from winnow.harness.digests import digests
from winnow.harness.errors import UserError
from winnow.ledger.find import find
from winnow.ledger.request import Request
from winnow.replies.folders import Folders
from winnow.replies.replay import answer
from winnow.replies.rows import each_chunk, questions
from winnow.replies.stage import Asking, Canary, Q, Row, S
from winnow.storage.buckets import read_bucket


@dataclass(frozen=True)
class Pending(Generic[S, Q]):
    """A stage that asks about rows, by the settings and tables that are here."""

    asking: Asking[S, Q]
    settings: S
    folders: Folders
    buckets: int

    def pending(self, *, answered: bool = False) -> Iterator[Request]:
        """Yield the requests that the stage listed, each once, made again from the records bucket by bucket.

        With ``answered`` also those that have a reply. Raises :class:`UserError` where the requests are not those that
        the stage listed: records or settings have changed since.
        """
        seen = set[str]()
        self._check_receipt()
        for bucket in range(self.buckets) if self.settings.asks else ():
            for one in self._bucket(bucket, answered=answered):
                if one.key not in seen:
                    seen.add(one.key)
                    yield one

    def begin(self) -> None:
        """Write nothing: requests about rows are made again of rows and settings."""

    def canaries(self, session: int) -> Sequence[Canary]:
        """Return the canaries of one session; each session's have keys of their own."""
        return self.asking.canaries(self.settings, session)

    def accepts(self, name: str) -> bool:
        """Return whether a server that answers as ``name`` answers as the model that is asked."""
        return self.settings.accepts(name)

    def advice(self, words: str) -> str | None:
        """Return a sentence on what to change where a server rejects a request with these words."""
        return self.asking.advice(words)

    def replies(self, row: Row) -> list[dict[str, Any]]:
        """Return each reply about a row, word by word: what was asked, topic, sample, model, status, reply.

        ``row`` holds the whole record and its facts. The status of a reply that does not say what was asked is the
        reason (``unparsed``, for instance).
        """
        topics = questions(self.asking, self.settings, row) if self.settings.asks else []
        asked = [one for _, some in topics for one in some]
        replies = find(self.folders.ledger, {one.request.key for one in asked})
        return [
            {
                "asked": one.topic or self.asking.name,
                self.asking.topic: one.topic,
                **one.details(),
                "model": reply.model,
                "status": answer(self.asking, self.settings, one, reply).outcome,
                "reply": reply.reply,
            }
            for one in asked
            if (reply := replies.get(one.request.key))
        ]

    def _check_receipt(self) -> None:
        """Raise where the stage last ran with other settings or files, so that its list is of other requests."""
        name = self.asking.name
        if not self.folders.receipt.is_file():
            return
        then = json.loads(self.folders.receipt.read_text(encoding="utf-8"))
        written = {
            file: digest
            for file, digest in then["inputs"].items()
            if any(file.startswith(f"{folder}/") for folder in self.asking.written)
        }
        changed = written != digests(list(self.asking.written))
        if changed or self.asking.settings.of(name, then["settings"]) != self.settings:
            where = " or ".join([f"params.yaml ({name})", *self.asking.written])
            raise UserError(
                f"{where} have changed since the requests were listed; run dvc repro {name}, then winnow ask again."
            )

    def _bucket(self, bucket: int, *, answered: bool) -> Iterator[Request]:
        """Yield the requests of one bucket in the order of its rows."""
        listed = read_bucket(self.folders.pending, bucket, ["row_id", "key"])
        keys = set(listed["key"].to_pylist())
        if not keys and not answered:
            return
        missing = set(keys)
        among = None if answered else pa.array(sorted(set(listed["row_id"].to_pylist())), pa.string())
        for batch in each_chunk(self.asking, self.settings, self.folders, bucket, among):
            for rows in batch:
                made = {
                    one.request.key: one.request
                    for row in rows
                    for _, some in questions(self.asking, self.settings, row)
                    for one in some
                }
                missing -= made.keys()
                yield from (one for key, one in made.items() if answered or key in keys)
        if missing:
            raise UserError(
                f"{len(missing):,} requests of {self.folders.pending} are made otherwise by the settings and rows as "
                f"they are now; run dvc repro {self.asking.name}, then winnow ask again."
            )
