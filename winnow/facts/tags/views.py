"""What tag rules look at: parts of a row's text, and its shape.

Lengths here are UTF-8 bytes: an ASCII letter is one and a Chinese character three, about as much as each means.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.lexicon import alternation, load, patterns, section
from winnow.facts.texts import Texts
from winnow.storage.types import Bools, Ints
from winnow.text.columns import byte_lengths, counts, matches, not_ascii
from winnow.text.lengths import characters

HEAD, TAIL = 350, 150  # characters of a long instruction that are looked at: the request stands at either end
REPLY = 400  # characters of the response that are looked at
_PASSAGE = 150  # bytes from which a context is a passage to read rather than one item to work on
_PASTED = 500  # bytes of an instruction that must hold a passage of its own, if it has several lines
_BREAK = r"(?:^|[.!?;:\n,][ \t\r\n]*(?:and |then )?|[。！？；：，、\n]\s*)"  # where a clause may begin
_ITEM = r"(?m)^[ \t]*(?:[-*•·–]|\(?\d{1,2}[.):、）]|[a-z][.)])[ \t]*[^\s\d]"
_PAIR = r"(?m)^[^\n:：]+(?::|：| - )[^\n]*[^\s:：]$"
_CODE = (
    r"```|(?m)^[ \t]*(?:def \w+\(|class \w+[(:{]|import \w+|from \w+ import |#include|public (?:class|static)|"
    r"(?:SELECT|INSERT INTO|CREATE TABLE|UPDATE) .*|function \w*\(|(?:var|let|const) \w+ ?=|<!DOCTYPE|<html|<\?php|"
    r"print\(|console\.log|System\.out)"
)


@dataclass(frozen=True)
class Views:
    """The parts and shapes of a batch, each made once, when a rule first asks for it."""

    texts: Texts
    _parts: dict[str, pa.Array] = field(default_factory=dict)
    _wide: dict[str, Ints] = field(default_factory=dict)
    _shapes: dict[str, Bools] = field(default_factory=dict)

    def part(self, name: str) -> pa.Array:
        """Return the text of each row in which a rule with ``where: name`` looks."""
        if name not in self._parts:
            self._parts[name] = PARTS[name][1](self)
        return self._parts[name]

    def shape(self, name: str) -> Bools:
        """Return a mask of the rows that have the shape ``name``."""
        if name not in self._shapes:
            self._shapes[name] = SHAPES[name](self)
        return self._shapes[name]

    def wide(self, name: str) -> Ints:
        """Return the rows whose part ``name`` is not ASCII: only these can hold Chinese."""
        if name not in self._wide:
            self._wide[name] = not_ascii(self.part(name))
        return self._wide[name]


def _request(views: Views) -> pa.Array:
    """Return instructions, long ones without their middle, which is mostly a text to work on."""
    text = views.texts.instruction
    long = np.flatnonzero(byte_lengths(text) > HEAD + TAIL)
    if len(long) == 0:
        return text
    some = text.take(pa.array(long))
    short = characters(some) <= HEAD + TAIL
    cut = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(some, 0, HEAD), pc.utf8_slice_codeunits(some, -TAIL), "\n"
    )
    mask = np.zeros(len(text), bool)
    mask[long] = True
    return pc.replace_with_mask(text, pa.array(mask), pc.if_else(pa.array(short), some, cut))


def _opened(views: Views) -> pa.Array:
    """Return the request without the polite words that it opens with (``openings`` in ``task.yaml``)."""
    openings = section("task", "openings", load("task").get("openings"), ("en", "zh"), ("en", "zh"))
    phrases = [one for code in ("en", "zh") for one in patterns("task", f"openings.{code}", openings[code])]
    pattern = rf"^[\s\p{{P}}]*(?:(?:{alternation(phrases)})[\s\p{{P}}]*)*"
    return pc.replace_substring_regex(views.part("anywhere"), pattern, "", max_replacements=1)


_Part = tuple[str, Callable[[Views], pa.Array]]
PARTS: dict[str, _Part] = {
    "start": (r"^", _opened),
    "clause": (_BREAK, lambda views: views.part("start")),
    "anywhere": ("", _request),
    "system": ("", lambda views: pc.utf8_slice_codeunits(views.texts.system, 0, HEAD)),
    "context": ("", lambda views: pc.utf8_slice_codeunits(views.texts.context, 0, HEAD)),
    "response": ("", lambda views: pc.utf8_slice_codeunits(views.texts.response, 0, REPLY)),
}
"""Where a rule may look: what stands before its phrases, and the text. ``start`` is the start of the instruction after
polite words, ``clause`` the start of any of its clauses, ``anywhere`` all of it."""


def _question(views: Views) -> Bools:
    return matches(views.part("anywhere"), r"[?？][\s\p{P}]*$")


def _context(views: Views) -> Bools:
    return byte_lengths(pc.utf8_trim_whitespace(views.texts.context)) > 0


def _passage(views: Views) -> Bools:
    passage = byte_lengths(views.texts.context) >= _PASSAGE
    long = np.flatnonzero(~passage & (byte_lengths(views.texts.instruction) >= _PASTED))
    passage[long] = matches(views.texts.instruction.take(pa.array(long)), "\n")
    return passage


def _copied(views: Views) -> Bools:
    """Return a mask of the rows whose reply is of a few words, all of which stand in the prompt, letter by letter."""
    copied = np.zeros(len(views.texts), bool)
    lengths = byte_lengths(views.texts.response)
    at = np.flatnonzero((lengths > 0) & (lengths <= 60))
    pairs = zip(
        pc.utf8_lower(views.texts.prompt.take(pa.array(at))).to_pylist(),
        pc.utf8_lower(pc.utf8_trim(views.texts.response.take(pa.array(at)), " \n\t.。!！\"'")).to_pylist(),
        strict=True,
    )
    copied[at] = [reply in prompt for prompt, reply in pairs]
    return copied


def _pairs(views: Views) -> Bools:
    pairs = byte_lengths(views.texts.response) <= 2 * REPLY
    at = np.flatnonzero(pairs)
    pairs[at] = counts(views.part("response").take(pa.array(at)), _PAIR) >= 2
    return pairs


SHAPES: dict[str, Callable[[Views], Bools]] = {
    "question": _question,
    "context": _context,
    "passage": _passage,
    "enumeration": lambda views: counts(views.part("anywhere"), "[,，、]") >= 2,
    "short_instruction": lambda views: byte_lengths(views.texts.instruction) <= 40,
    "long_instruction": lambda views: byte_lengths(views.texts.instruction) >= 400,
    "word_response": lambda views: byte_lengths(views.texts.response) <= 25,
    "short_response": lambda views: byte_lengths(views.texts.response) <= 120,
    "long_response": lambda views: byte_lengths(views.texts.response) >= 900,
    "very_long_response": lambda views: byte_lengths(views.texts.response) >= 2000,
    "list_response": lambda views: counts(views.part("response"), _ITEM) >= 3,
    "pair_response": _pairs,
    "code_response": lambda views: matches(views.part("response"), _CODE),
    "copied_response": _copied,
    "number_response": lambda views: matches(views.part("response"), r"^[^\p{L}]{0,3}\d[\d,. /]*[^\s]{0,4}\s*$"),
    "several_turns": lambda views: views.texts.turns > 2,
    "system": lambda views: byte_lengths(views.texts.system) > 0,
}
"""The shapes that a rule may ask for with ``when`` and ``unless``; the head of ``task.yaml`` explains each."""
