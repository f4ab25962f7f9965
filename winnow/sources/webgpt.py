"""OpenAI WebGPT comparisons: a question, two answers with the quotes that each was written from, and their scores.

Both layouts have the same content: one object with ``question`` and ``quotes_0``, ``answer_0``, ``tokens_0``,
``score_0``, ``quotes_1``, … (Hugging Face), and a pair of objects ``question``, ``quotes``, ``answer``, ``tokens``,
``score`` on a line (the original file). Both give the same record.

The scores add up to 0 and the positive one names the better answer; its size, from 0 to 1, is the margin. At a tie the
first answer is the chosen one and the margin is 0. Many comparisons share a question: its id is their ``group`` and no
key.

Each answer was written from its own quotes, and the ``[1]`` in it points into them. The quotes of one answer as context
would tell which of the two was chosen, so the context has those of neither, or of both: ``quotes: none`` (the default)
leaves them in the metadata, whole; ``quotes: both`` gives both sets in the order of the file, each numbered from 1
under its heading, so that ``[1]`` of either answer has something to point at, but not one thing alone.
"""

from typing import Any

from winnow.harness.errors import UserError
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
_QUOTES = ("none", "both")
_TOLERANCE = 1e-6  # scores went through 32 bits


def _score(value: dict[str, Any], name: str) -> float:
    if name not in value:
        raise Unusable("missing_field", f"there is no {name!r}")
    score = number(value[name], repr(name))
    if not -1 <= score <= 1:
        raise Unusable("bad_score", f"{name!r} is not between -1 and 1")
    return score


def _context(contexts: tuple[str | None, str | None], wanted: Any) -> str | None:
    if wanted not in _QUOTES:
        raise UserError(f"the option quotes is {wanted!r}; it must be none or both.")
    if wanted == "none":
        return None
    named = [f"Quotes of answer {n}:\n\n{quotes}" for n, quotes in enumerate(contexts, 1) if quotes]
    return "\n\n".join(named) or None


def _numbered(value: dict[str, Any], name: str) -> str | None:
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
    quotes = (_numbered(value, "quotes_0"), _numbered(value, "quotes_1"))
    if abs(sum(scores)) > _TOLERANCE:
        raise Unusable("bad_score", "the two scores do not add up to 0")
    best = 1 if scores[1] > 0 else 0
    if answers[0] == answers[1] and any(scores):
        raise Unusable("identical_pair", "the two answers are the same and one is scored higher")
    about = rest(question, frozenset({"full_text"}))
    return Record(
        messages=[Message("user", asked), Message("assistant", answers[best])],
        key_text=(asked, *answers, quotes[0] or "", quotes[1] or ""),
        key=own_id(value),
        kind="preference",
        context=_context(quotes, options.get("quotes", "none")),
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
    options={"quotes": "none"},
    list_unit=is_pair,
)
