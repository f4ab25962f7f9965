"""Several replies to one prompt with a rating or a rank each: UltraFeedback, Nectar and their kin.

The reply that is rated best is the chosen one, those rated worse are the rejected ones, best first, each with its
``score`` or ``rank``; ``margin`` is by how much the best score beats the next. Replies rated alike are not worse than
each other: those as good as the chosen one stay in the metadata as ``tied``, and so do replies without a rating. Where
all are tied the row is a pair with margin 0, which a gate drops.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from winnow.reading import prompts
from winnow.reading.adapter import (
    Adapter,
    Options,
    Unusable,
    expect,
    measured,
    number,
    optional_text,
    own_id,
    per_unit,
    required,
    rest,
    share,
    text,
)
from winnow.reading.values import written_number
from winnow.records.record import Message, Record, Rejected
from winnow.sources.preference import difference

_LISTS = ("completions", "answers", "responses", "replies", "candidates")
_PROMPTS = ("instruction", "prompt", "question", "query")
_TEXTS = ("response", "answer", "text", "content", "output", "completion")
_SCORES = ("overall_score", "score", "rating", "reward", "overall")
_RANKS = ("rank", "ranking")


class _Reply(NamedTuple):
    """A reply; ``worth`` is higher for a better one, ``worth`` None for one without a rating."""

    text: str
    worth: float | None
    score: float | None
    rank: int | None
    about: Mapping[str, Any]


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if fields.get(name) is not None), None)


def _reply(value: Any, place: int) -> _Reply:
    fields = expect(value, dict, f"reply {place}")
    name = _first(fields, _TEXTS) or _TEXTS[0]
    said = text(fields, name)
    about = {key: one for key, one in fields.items() if key != name}
    if (ranked := _first(fields, _RANKS)) is not None:
        rank = number(fields[ranked], f"the rank of reply {place}")
        if not rank.is_integer():
            raise Unusable("wrong_type", f"the rank of reply {place} is {rank:g}, not a whole number")
        return _Reply(said, -rank, None, int(rank), about)
    scored = _first(fields, _SCORES)
    if scored is None or (isinstance(fields[scored], str) and written_number(fields[scored]) is None):
        return _Reply(said, None, None, None, about)  # UltraFeedback writes N/A
    score = measured(fields[scored], f"the score of reply {place}")
    return _Reply(said, score, score, None, about)


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one prompt with its replies; what is said about each reply stays in the metadata."""
    asks, listed = _first(value, _PROMPTS) or _PROMPTS[0], _first(value, _LISTS) or _LISTS[0]
    prompt, context, system = text(value, asks), optional_text(value, "input"), optional_text(value, "system")
    replies = [_reply(one, place) for place, one in enumerate(required(value, listed, list), 1)]
    rated = sorted((one for one in replies if one.worth is not None), key=lambda one: -(one.worth or 0))
    if len(rated) < 2:
        raise Unusable("no_judgement", f"of {len(replies)} replies in {listed!r} {len(rated)} have a rating")
    best = rated[0]
    worse = [one for one in rated[1:] if one.worth != best.worth] or rated[1:]
    worse = [one for one in worse if one.text != best.text]
    if not worse:
        raise Unusable("same_reply", "all replies that have a rating are the same")
    asked = prompts.read(prompt, asks, [one.text for one in (best, *worse)], listed)
    metadata = rest(value, frozenset({"id", "system", "input", asks, listed})) | dict(asked.notes)
    metadata["about_replies"] = [one.about for one in (best, *worse)]
    used = {id(one) for one in (best, *worse)}
    if others := [one for one in replies if id(one) not in used]:
        metadata["tied"] = [{"text": one.text, **one.about} for one in others]
    key_text = (prompt, context or "", system or "", *(one.text for one in replies))
    system, context = asked.beside(system, context)
    scores = (best.score, worse[0].score)
    return Record(
        messages=[*asked.turns, Message("assistant", asked.replies[0])],
        key_text=key_text,
        key=own_id(value),
        kind="preference",
        system=system,
        context=context,
        prompt_turns=len(asked.turns),
        rejected=[
            Rejected((Message("assistant", said),), one.rank, one.score)
            for said, one in zip(asked.replies[1:], worse, strict=True)
        ],
        margin=None if scores[0] is None or scores[1] is None else difference(scores[0], scores[1]),
        metadata=metadata,
    )


def _looks_like(value: dict[str, Any]) -> bool:
    listed, asks = _first(value, _LISTS), _first(value, _PROMPTS)
    if listed is None or asks is None or not isinstance(value[asks], str):
        return False
    replies = value[listed]
    if not isinstance(replies, list) or not all(isinstance(one, dict) for one in replies):
        return False
    return any(_first(one, _TEXTS) and _first(one, (*_SCORES, *_RANKS)) for one in replies)


ADAPTER = Adapter(
    summary="replies to one prompt with ratings or ranks: UltraFeedback (completions), Nectar (answers)",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
