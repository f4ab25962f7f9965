"""Options and answers of benchmark items: options that stand in the text, answers that name an option."""

import re

_BRACKETED = r"[（(\[]\s*([A-Ja-j])\s*[)）\]]"
_BARE = r"(?:^|(?<=[\s。；？！?]))([A-Ja-j])(?:[)）．、]|\.(?=\s))"
_LINE = r"(?:^|(?<=\n))\s*([A-J])\s*[:：]"
_FORMS = tuple(re.compile(rf"{form}\s*") for form in (_BRACKETED, _BARE, _LINE))
_DASHED = re.compile(r"\n(?:options|choices|选项)\s*[:：]\s*\n((?:\s*[-*•][^\n]*(?:\n|$)){2,})", re.IGNORECASE)
_LABEL = re.compile(r"\s*(?:options|choices|answer choices|选项)\s*[:：]?\s*$", re.IGNORECASE)
_MARKED = re.compile(r"[\s（(\[]*([A-Ja-j])[\s)）\]．.、:：]*")
_BEFORE = re.compile(
    r"\s*(?:question|q|problem|task|instruction|input|问题|题目|问|题)\s*\d*\s*[:：]\s*", re.IGNORECASE
)
_BEHIND = re.compile(r"\s*(?:answer|a|output|response|答案|回答|答)\s*[:：]\s*$", re.IGNORECASE)


def unlabelled(text: str) -> str:
    """Return a question without the labels around it.

    >>> unlabelled("Question: Who was it?\\nAnswer:"), unlabelled("问题：谁？ 答案："), unlabelled("Problem: none")
    ('Who was it?', '谁？', 'none')
    """
    return _BEHIND.sub("", _BEFORE.sub("", text, count=1) if _BEFORE.match(text) else text)


def split_options(text: str) -> tuple[str, list[str]]:
    """Return the question and the options of a text that lists them as (A), A. or a), or as dashes below "Options:".

    >>> split_options("Which one?\\nOptions:\\n(A) the first\\n(B) the second")
    ('Which one?', ['the first', 'the second'])
    >>> split_options("水在多少度沸腾？ A、九十 B、一百 C、八十")
    ('水在多少度沸腾？', ['九十', '一百', '八十'])
    >>> split_options("def f(a: int, b: int), by A. Smith.")
    ('def f(a: int, b: int), by A. Smith.', [])
    """
    if dashed := _DASHED.search(text):
        options = [line.strip(" -*•\t") for line in dashed[1].strip().split("\n")]
        return text[: dashed.start()].strip(), options
    for form in _FORMS:
        marks = list(form.finditer(text))
        for first, mark in enumerate(marks):
            if mark[1] in "Aa" and (ends := _sequence(marks[first:])) and text[: mark.start()].strip():
                starts = [one.end() for one in marks[first : first + ends]]
                stops = [*(one.start() for one in marks[first + 1 : first + ends]), len(text)]
                options = [text[a:b].strip(" \n\t;；,，") for a, b in zip(starts, stops, strict=True)]
                return _LABEL.sub("", text[: mark.start()]).strip(), options
    return text, []


def _sequence(marks: list[re.Match[str]]) -> int:
    """Return how many marks in a row are A, B, C…; 0 where there is no second one."""
    count = 1
    while count < len(marks) and ord(marks[count][1]) == ord(marks[0][1]) + count:
        count += 1
    return count if count > 1 else 0


def answer_texts(value: str, options: list[str], *, number: bool) -> list[str]:
    """Return the texts of an answer: of a letter, or a ``number`` from 0, the option that it names.

    Of a worked answer that ends in ``####`` (GSM8K) or ``\\boxed{}`` (MATH) the final result is the answer.

    >>> answer_texts("(B)", ["red", "blue"], number=False), answer_texts("1", ["red", "blue"], number=True)
    (['blue'], ['blue'])
    >>> answer_texts("2 + 2 = <<2+2=4>>4\\n#### 4", [], number=False)
    ['4']
    """
    value = value.strip()
    letter = _MARKED.fullmatch(value)
    at = ord(letter[1].upper()) - ord("A") if letter else int(value) if number and value.isdigit() else -1
    if options:
        return [options[at]] if 0 <= at < len(options) else [value] if not letter and not number else []
    if "####" in value:
        return [value.rsplit("####", 1)[1].strip()]
    boxed = re.findall(r"\\boxed\{([^{}]+)\}", value)
    return boxed[-1:] or [value]


def worked(text: str) -> str:
    """Return a worked solution as a reply would have it: without the marks of calculators and of the final result.

    >>> worked("2 + 2 = <<2+2=4>>4\\n#### 4")
    '2 + 2 = 4\\n4'
    """
    return re.sub(r"<<[^<>\n]*>>", "", text).replace("#### ", "")
