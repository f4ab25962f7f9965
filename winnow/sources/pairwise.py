"""Two models' replies to one instruction and which of them is better: AlpacaEval, PandaLM, a pair of scores.

AlpacaEval's ``preference`` runs from 1 (the first) to 2 (the second), 1.5 and 0 are ties. PandaLM has the votes of
three annotators (1, 2, 0 for a tie): more than half must agree. A ``score`` of two numbers is FastChat's. ``margin`` is
from 0 (tie) to 1 (all sure) for the first two, the difference of the scores for the third. Of a tie the first reply is
the chosen one with margin 0: nothing is preferred, and a gate drops it.

FastChat's own review files cannot be read: a review names its question and both answers by ids of three other files.
Join them first, into rows that carry the instruction, both texts and ``score``.
"""

import re
from collections import Counter
from typing import Any

from winnow.reading.adapter import (
    Adapter,
    Options,
    Unusable,
    kind_of,
    number,
    optional_text,
    own_id,
    per_unit,
    rest,
    share,
    text,
)
from winnow.records.record import Message, Record, Rejected
from winnow.sources.preference import difference

_REPLIES = (("output_1", "output_2"), ("response1", "response2"), ("answer1", "answer2"))
_PROMPTS = ("instruction", "question")
_VOTE = re.compile(r"annotator[0-9]+")


def _votes(value: dict[str, Any]) -> list[str]:
    return sorted(name for name in value if _VOTE.fullmatch(name))


def _by_votes(value: dict[str, Any], names: list[str]) -> tuple[int, float]:
    for name in names:
        if isinstance(value[name], bool) or value[name] not in (0, 1, 2):
            raise Unusable("bad_vote", f"{name!r} is {value[name]!r}, not 0, 1 or 2")
    votes = Counter(int(value[name]) for name in names)
    winner, most = votes.most_common(1)[0]
    if 2 * most <= len(names):
        raise Unusable("no_majority", f"the votes are {', '.join(str(value[name]) for name in names)}")
    if winner == 0:
        return 0, 0.0
    return winner - 1, (most - votes[3 - winner]) / len(names)


def _by_preference(value: Any) -> tuple[int, float]:
    preference = number(value, "'preference'")
    if preference == 0:
        return 0, 0.0
    if not 1 <= preference <= 2:
        raise Unusable("bad_vote", f"'preference' is {preference:g}, not between 1 and 2")
    return int(preference > 1.5), abs(preference - 1.5) * 2


def _preferred(value: dict[str, Any]) -> tuple[int, float, list[float] | None, set[str]]:
    """Return which reply is better, by how much, the scores if there are any, and the fields that said so."""
    if value.get("preference") is not None:
        return *_by_preference(value["preference"]), None, {"preference"}
    if names := _votes(value):
        return *_by_votes(value, names), None, set()
    pair = value.get("score")
    if pair is None:
        raise Unusable("no_judgement", "there is no 'preference', no vote of an annotator and no 'score'")
    if not isinstance(pair, list) or len(pair) != 2:
        raise Unusable("wrong_type", f"'score' is {kind_of(pair)}, not a pair of numbers")
    scores = [number(one, "one of 'score'") for one in pair]
    better = int(scores[1] > scores[0])
    return better, difference(scores[better], scores[1 - better]), scores, set()


def convert(value: dict[str, Any], options: Options) -> Record:
    """Read one pair; the votes themselves and the models' names stay in the metadata."""
    names = next((names for names in _REPLIES if any(name in value for name in names)), _REPLIES[0])
    prompt = next((name for name in _PROMPTS if name in value), _PROMPTS[0])
    instruction, context = text(value, prompt), optional_text(value, "input")
    replies = [text(value, name) for name in names]
    better, margin, scores, used = _preferred(value)
    if replies[0] == replies[1]:
        raise Unusable("same_reply", "both replies are the same")
    metadata = rest(value, frozenset({"id", prompt, "input", *names, *used}))
    metadata["chosen_reply"] = names[better]
    key = own_id(value)
    if key is None and _votes(value) and (key := own_id(value, "idx")) is not None:
        del metadata["idx"]
    worse = Rejected((Message("assistant", replies[1 - better]),), score=scores[1 - better] if scores else None)
    return Record(
        messages=[Message("user", instruction), Message("assistant", replies[better])],
        key_text=(instruction, context or "", *replies),
        key=key,
        kind="preference",
        context=context,
        prompt_turns=1,
        rejected=[worse],
        margin=margin,
        metadata=metadata,
    )


def _looks_like(value: dict[str, Any]) -> bool:
    pair = any(name in value for name in _PROMPTS) and any(set(names) <= value.keys() for names in _REPLIES)
    return pair and ("preference" in value or "score" in value or bool(_votes(value)))


ADAPTER = Adapter(
    summary="two replies and which is better: AlpacaEval (preference), PandaLM (votes), a pair of scores",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
)
