"""Which of the constraints that a reply meets are written into its prompt, and in which words.

All is drawn by hashes of seed, plan and row, never by order.
"""

import hashlib
import re
from collections.abc import Callable, Sequence

from winnow.constraints.finding import Offer
from winnow.constraints.kinds import compatible

Draw = Callable[[str], int]
"""Gives a whole number for a purpose, always the same."""


def drawing(*of: object) -> Draw:
    """Return draws that follow from ``of`` and a purpose alone.

    >>> draw = drawing(1, "plan", "row:1")
    >>> draw("a") == drawing(1, "plan", "row:1")("a"), draw("a") == draw("b")
    (True, False)
    """
    prefix = ":".join(map(str, of))

    def draw(purpose: str) -> int:
        return int.from_bytes(
            hashlib.blake2b(f"{prefix}:{purpose}".encode(), digest_size=8, person=b"constraints").digest()
        )

    return draw


def chosen(offers: Sequence[Offer], most: int, draw: Draw) -> list[Offer]:
    """Return one to ``most`` of ``offers`` that go together, at most one of a group.

    Groups come in drawn order, so that one with many kinds is not drawn more often than one with few.
    """
    wanted = 1 + draw("many") % most
    order = sorted(offers, key=lambda one: (draw(f"group {one[0].group}"), draw(f"kind {one[0].name}")))
    found: list[Offer] = []
    for kind, arguments in order:
        if len(found) == wanted:
            break
        if compatible(kind, [one for one, _ in found]):
            found.append((kind, arguments))
    return found


_ENDS = re.compile(r"[.!?。！？…][\"'”’」）)]*$")


def prompt(instruction: str, constraints: Sequence[Offer], language: str, draw: Draw) -> str:
    """Return an instruction with its constraints in words: behind it, on lines of their own, or as a list.

    The instruction itself is never changed.
    """
    text = instruction.rstrip()
    ordered = sorted(constraints, key=lambda one: draw(f"place {one[0].name}"))
    sentences = [kind.words(language, arguments, draw(f"words {kind.name}")) for kind, arguments in ordered]
    space = "" if language == "zh" else " "
    one_line = bool(_ENDS.search(text)) and "\n" not in text
    forms = ["lines", *(["list"] if len(sentences) > 1 else []), *(["behind", "behind"] if one_line else [])]
    form = forms[draw("form") % len(forms)]
    if form == "behind":
        return f"{text}{space}{space.join(sentences)}"
    if form == "list":
        heads = {
            "en": ("Requirements:", "Please note:", "Follow these rules:"),
            "zh": ("要求：", "注意：", "请遵守："),
        }[language]
        lines = (
            [f"- {one}" for one in sentences]
            if draw("mark") % 2
            else [f"{n}. {one}" for n, one in enumerate(sentences, 1)]
        )
        return "\n".join([text, "", heads[draw("head") % len(heads)], *lines])
    return f"{text}\n{'' if draw('blank') % 2 else chr(10)}{space.join(sentences)}"
