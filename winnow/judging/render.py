"""From a row to the requests that a rubric makes of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from winnow.judging.prompt import user_message
from winnow.judging.rubric import COMPARISON, Rubric
from winnow.judging.settings import Settings
from winnow.ledger.request import Request
from winnow.replies.stage import Question, Row

COLUMNS = ["kind", "system", "context", "messages", "prompt_turns", "rejected", "tools", "metadata"]
"""The columns of a record that requests are made from."""

Sections = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked(Question):
    """One request that a rubric makes of a row: its sample, and whether the replies change places."""

    rubric: Rubric
    swapped: bool

    def details(self) -> dict[str, Any]:
        """Return what `winnow why` shows of the request beside the reply."""
        return {"sample": self.sample, "swapped": self.swapped}


def _turn(message: Mapping[str, Any]) -> str:
    calls = [f"[tool call] {call['name']}({call['arguments']})" for call in message["tool_calls"] or ()]
    return "\n".join([message["content"], *calls] if message["content"] else calls)


def _candidate(messages: Sequence[Mapping[str, Any]]) -> str:
    return "\n\n".join(_turn(message) for message in messages)


def _reference(metadata: str) -> str | None:
    """Return the reference answer that a source gave: ``reference``, a text or a list of texts (the first counts)."""
    if '"reference"' not in metadata:
        return None
    reference = json.loads(metadata).get("reference")
    if isinstance(reference, list) and reference:
        reference = reference[0]
    return reference if isinstance(reference, str) and reference.strip() else None


def prompt_turns(row: Mapping[str, Any]) -> int:
    """Return how many leading turns are the prompt: of a row without other candidates, all but the last."""
    turns = row["prompt_turns"] if row["kind"] == "preference" else None
    return len(row["messages"]) - 1 if turns is None else int(turns)


def sections(row: Mapping[str, Any], rubric: Rubric, swapped: bool = False) -> Sections | None:
    """Return the texts that ``rubric`` shows of ``row``, by name; None where the rubric does not concern it."""
    shown: Sections = []
    at = prompt_turns(row)
    if "prompt" in rubric.shows or rubric.kind == COMPARISON:
        shown += [(name, row[name]) for name in ("tools", "system", "context") if row[name]]
        shown += [(message["role"], _turn(message)) for message in row["messages"][:at]]
    if rubric.reference and (reference := _reference(row["metadata"])):
        shown.append(("reference", reference))
    reply = _candidate(row["messages"][at:])
    if rubric.kind == COMPARISON:
        if not row["rejected"]:
            return None
        replies = [reply, _candidate(row["rejected"][0]["messages"])]
        shown += zip(("A", "B"), replies[::-1] if swapped else replies, strict=True)
    elif "response" in rubric.shows:
        shown.append(("response", reply))
    return shown


def requests(settings: Settings, row: Row, topic: str) -> Iterator[Asked]:
    """Yield the requests that the rubric ``topic`` makes of ``row``; none where it does not concern it.

    Raises :class:`~winnow.replies.settings.TooLong` where the row has more text than ``judge.max_chars``.
    """
    rubric = settings.by_name[topic]
    for swapped in rubric.swapped:
        shown = sections(row, rubric, swapped)
        if shown is None:
            return
        settings.check_length([text for _, text in shown])
        for sample in range(settings.samples):
            yield Asked(topic, sample, request(settings, shown, row["language"], rubric, sample), rubric, swapped)


def request(settings: Settings, shown: Sections, language: str, rubric: Rubric, sample: int) -> Request:
    """Return the request that shows ``shown`` to the model; ``language`` is that of the row."""
    said = rubric.language(language)
    messages = [("system", settings.system[rubric.name, said]), ("user", user_message(shown, said))]
    return settings.request(messages, sample, settings.shapes[rubric.name])
