"""From a row to the requests that a rubric makes of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from winnow.judging.prompt import response_format, system_message, user_message
from winnow.judging.rubric import COMPARISON, Rubric
from winnow.judging.settings import Settings
from winnow.ledger.request import Request, request

COLUMNS = ["row_id", "kind", "system", "context", "messages", "prompt_turns", "rejected", "tools", "metadata"]
"""The columns of a record that requests are made from."""

Sections = list[tuple[str, str]]


class Asked(NamedTuple):
    """One request that a rubric makes of a row: its sample, and whether the replies change places."""

    rubric: Rubric
    sample: int
    swapped: bool
    request: Request


class TooLong(Exception):
    """A row with more text than ``judge.max_chars``."""


def _turn(message: Mapping[str, Any]) -> str:
    calls = [f"[tool call] {call['name']}({call['arguments']})" for call in message["tool_calls"] or ()]
    return "\n".join([message["content"], *calls] if message["content"] else calls)


def _candidate(messages: Sequence[Mapping[str, Any]]) -> str:
    return "\n\n".join(_turn(message) for message in messages)


def _reference(metadata: str) -> str | None:
    """Return the reference answer that a source gave: ``reference``, a text or a list of texts (the first counts)."""
    if '"reference"' not in metadata:
        return None
    found = json.loads(metadata).get("reference")
    if isinstance(found, list) and found:
        found = found[0]
    return found if isinstance(found, str) and found.strip() else None


def prompt_turns(row: Mapping[str, Any]) -> int:
    """Return how many leading turns are the prompt: of a row without other candidates, all but the last."""
    turns = row["prompt_turns"] if row["kind"] == "preference" else None
    return len(row["messages"]) - 1 if turns is None else int(turns)


def sections(row: Mapping[str, Any], rubric: Rubric, swapped: bool = False) -> Sections | None:
    """Return the texts that ``rubric`` shows of ``row``, by name; None where the rubric does not concern it."""
    found: Sections = []
    at = prompt_turns(row)
    if "prompt" in rubric.shows or rubric.kind == COMPARISON:
        found += [(name, row[name]) for name in ("tools", "system", "context") if row[name]]
        found += [(message["role"], _turn(message)) for message in row["messages"][:at]]
    if rubric.reference and (reference := _reference(row["metadata"])):
        found.append(("reference", reference))
    reply = _candidate(row["messages"][at:])
    if rubric.kind == COMPARISON:
        if not row["rejected"]:
            return None
        replies = [reply, _candidate(row["rejected"][0]["messages"])]
        found += zip(("A", "B"), replies[::-1] if swapped else replies, strict=True)
    elif "response" in rubric.shows:
        found.append(("response", reply))
    return found


class Renderer:
    """Makes the requests of rows; what is the same for every row is made once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._system = {
            (rubric.name, language): system_message(rubric, language, settings.form)
            for rubric in settings.rubrics
            for language in rubric.task
        }
        self._shape = {rubric.name: response_format(rubric, settings.form) for rubric in settings.rubrics}

    def requests(self, row: Mapping[str, Any], language: str, rubric: Rubric) -> Iterator[Asked]:
        """Yield the requests that ``rubric`` makes of ``row``; none where it does not concern it.

        Raises :class:`TooLong` where the row has more text than ``judge.max_chars``.
        """
        for swapped in rubric.swapped:
            shown = sections(row, rubric, swapped)
            if shown is None:
                return
            if sum(len(text) for _, text in shown) > self._settings.max_chars:
                raise TooLong
            for sample in range(self._settings.samples):
                yield Asked(rubric, sample, swapped, self.request(shown, language, rubric, sample))

    def request(self, shown: Sections, language: str, rubric: Rubric, sample: int) -> Request:
        """Return the request that shows ``shown`` to the model."""
        settings, said = self._settings, rubric.language(language)
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": [
                {"role": "system", "content": self._system[rubric.name, said]},
                {"role": "user", "content": user_message(shown, said)},
            ],
            "temperature": settings.temperature,
            "max_tokens": settings.max_tokens,
        }
        if shape := self._shape[rubric.name]:
            body["response_format"] = shape
        if settings.temperature > 0:
            body["seed"] = max(sample, 0)  # a canary's sample is below 0
        body |= settings.extra
        return request({name: value for name, value in body.items() if value is not None}, sample)
