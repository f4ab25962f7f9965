"""OpenAI WebGPT comparisons: a question, two answers with the quotes that each was written from, and their scores.

Both layouts have the same content: one object with ``question`` and ``quotes_0``, ``answer_0``, ``tokens_0``,
``score_0``, ``quotes_1``, … (Hugging Face), and a pair of objects ``question``, ``quotes``, ``answer``, ``tokens``,
``score`` on a line (the original file). Both give the same record.

The scores add up to 0 and the positive one names the better answer; its size, from 0 to 1, is the margin. At a tie the
first answer is the chosen one and the margin is 0. The ``[1]`` in an answer points into its own quotes, so the context
is the quotes of the chosen answer, numbered; the other answer saw other quotes, and both sets are in the metadata
whole. Many comparisons share a question: its id is their ``group`` and no key.
"""

from typing import Any

from winnow.reading.adapter import (
    Adapter,
    Options,
    Unusable,
    kind_of,
    number,
    own_id,
    per_unit,
    required,
    rest,
    share,
    text,
)
from winnow.records.record import Message, Record, Rejected

_USED = frozenset({"id", "question", "answer_0", "answer_1"})
_TOLERANCE = 1e-6  # scores went through 32 bits


def _score(value: dict[str, Any], name: str) -> float:
    if name not in value:
        raise Unusable("missing_field", f"there is no {name!r}")
    score = number(value[name], repr(name))
    if not -1 <= score <= 1:
        raise Unusable("bad_score", f"{name!r} is not between -1 and 1")
    return score


def _context(value: dict[str, Any], name: str) -> str | None:
    """Return the quotes of one answer as text; they are two parallel lists or a list of objects."""
    quotes = value.get(name)
    if quotes is None:
        return None
    if isinstance(quotes, dict):
        titles, extracts = quotes.get("title"), quotes.get("extract")
        if not isinstance(titles, list) or not isinstance(extracts, list) or len(titles) != len(extracts):
            raise Unusable("bad_quotes", f"{name!r} does not hold as many titles as extracts")
        pairs = list(zip(titles, extracts, strict=True))
    elif isinstance(quotes, list):
        pairs = [(one.get("title"), one.get("extract")) if isinstance(one, dict) else (None, None) for one in quotes]
    else:
        raise Unusable("wrong_type", f"{name!r} is {kind_of(quotes)}, not quotes")
    for title, extract in pairs:
        if not isinstance(title, str) or not isinstance(extract, str):
            raise Unusable("bad_quotes", f"{name!r} holds a title or an extract that is no text")
    return "\n\n".join(f"[{number}] {title}\n{extract}" for number, (title, extract) in enumerate(pairs, 1)) or None


def _joined(pair: list[Any]) -> dict[str, Any]:
    """Return the original file's pair of answers in the layout of one object."""
    if len(pair) != 2 or not all(isinstance(one, dict) for one in pair):
        raise Unusable("wrong_type", "a comparison is a pair of objects")
    first, second = pair
    if first.get("question") != second.get("question"):
        raise Unusable("different_prompts", "the two answers are to different questions")
    joined = {"question": first["question"]} if "question" in first else {}
    return joined | {
        f"{name}_{n}": field for n, one in enumerate(pair) for name, field in one.items() if name != "question"
    }


def convert(value: dict[str, Any] | list[Any], options: Options) -> Record:
    """Read one comparison of either layout."""
    if isinstance(value, list):
        value = _joined(value)
    question = required(value, "question", dict)
    asked = text(question, "full_text")
    if not asked.strip():  # with quotes as context it would look like a prompt
        raise Unusable("no_question", "the text of the question is empty")
    answers = (text(value, "answer_0"), text(value, "answer_1"))
    scores = (_score(value, "score_0"), _score(value, "score_1"))
    contexts = (_context(value, "quotes_0"), _context(value, "quotes_1"))
    if abs(sum(scores)) > _TOLERANCE:
        raise Unusable("bad_score", "the two scores do not add up to 0")
    best = 1 if scores[1] > 0 else 0
    if answers[0] == answers[1] and any(scores):
        raise Unusable("identical_pair", "the two answers are the same and one is scored higher")
    about = rest(question, frozenset({"full_text"}))
    return Record(
        messages=[Message("user", asked), Message("assistant", answers[best])],
        key_text=(asked, *answers, contexts[0] or "", contexts[1] or ""),
        key=own_id(value),
        kind="preference",
        context=contexts[best],
        prompt_turns=1,
        rejected=[Rejected((Message("assistant", answers[1 - best]),), score=scores[1 - best])],
        margin=abs(scores[best]),
        group=own_id(question),
        metadata=rest(value, _USED) | ({"question": about} if about else {}),
    )


def is_pair(value: Any) -> bool:
    """Tell whether a JSON array is one comparison of the original file, and no array of comparisons."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    return all(isinstance(one, dict) and {"question", "answer", "score"} <= one.keys() for one in value)


def _looks_like(value: Any) -> bool:
    if isinstance(value, list):
        return is_pair(value)
    return isinstance(value.get("question"), dict) and {"answer_0", "answer_1"} <= value.keys()


ADAPTER = Adapter(
    summary="OpenAI WebGPT comparisons: question, two answers with quotes and scores",
    read=per_unit(convert),
    sniff=lambda values: share(values, _looks_like),
    list_unit=is_pair,
)
