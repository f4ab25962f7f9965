"""The rules applied: to one text, or to replies that compete."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache

import regex

from winnow.cleaning.row import Row, alone
from winnow.cleaning.rules import RULES, Rule

MAX_PASSES = 8


@cache
def may_change(trigger: str) -> Callable[[str], object]:
    r"""Return the trigger as a test of one text in Python, where Arrow would compile the pattern at every call.

    `re` is several times faster on plain classes, `regex` knows RE2's \pL; both need two spellings changed.

    >>> bool(may_change(r"\x{3000}\z")("a\u3000")), bool(may_change(r"\x{3000}\z")("a"))
    (True, False)
    """
    pattern = regex.sub(r"\\x\{([0-9a-f]+)\}", lambda m: rf"\U{int(m[1], 16):08x}", trigger)
    engine = regex if r"\p" in pattern else re
    return engine.compile(pattern.replace(r"\z", r"\Z")).search


def edits(
    text: str,
    field: str,
    rules: Iterable[Rule] = RULES,
    triggered: Collection[str] | None = None,
    row: Row | None = None,
) -> list[tuple[str, str, str]]:
    """Return each change of one text as (rule, before, after), in order; the last `after` is the clean text.

    `triggered` names the rules whose trigger is known to match, so that others are not tried on the text as it came.
    Without a `row`, the text is all that is known of it.

    One rule can uncover work for an earlier one (a decoded entity is a tag, a removed tag joins two spaces), so the
    rules run until none acts. Few texts need a second pass; the bound is for texts made to have none.

    >>> edits("&lt;noinput&gt;", "context")
    [('html', '&lt;noinput&gt;', '<noinput>'), ('placeholder', '<noinput>', '')]
    """
    row = row or alone(text, field)
    wanted = [(rule, may_change(rule.trigger)) for rule in rules if field in rule.fields]
    done: list[tuple[str, str, str]] = []
    for _ in range(MAX_PASSES):
        before_pass = text
        for rule, matches in wanted:
            if triggered is None:
                tried = (rule.ascii or not text.isascii()) and matches(text)
            else:
                tried = rule.name in triggered
            if tried and (after := rule.fix(text, row)) != text:
                done.append((rule.name, text, after))
                text, triggered = after, None
        if text == before_pass:
            break
    return done


def edits_alike(
    texts: Sequence[str],
    field: str,
    rules: Iterable[Rule],
    triggered: Sequence[Collection[str] | None],
    row: Row,
) -> list[list[tuple[str, str, str]]]:
    """Return what :func:`edits` does to each of several replies to one prompt.

    A rule that changes one of them while its sign is left in any changes none.
    """
    wanted = [(rule, may_change(rule.trigger)) for rule in rules if field in rule.fields]
    done: list[list[tuple[str, str, str]]] = [[] for _ in texts]
    now, known = list(texts), list(triggered)
    for _ in range(MAX_PASSES):
        before_pass = list(now)
        for rule, matches in wanted:
            after = [
                rule.fix(text, row) if (matches(text) if names is None else rule.name in names) else text
                for text, names in zip(now, known, strict=True)
            ]
            if after == now or (len(now) > 1 and rule.sign and any(map(rule.sign.search, after))):
                continue
            for at, (old, new) in enumerate(zip(now, after, strict=True)):
                if old != new:
                    done[at].append((rule.name, old, new))
                    now[at], known[at] = new, None
        if now == before_pass:
            break
    return done


def clean_text(text: str, field: str, rules: Iterable[Rule] = RULES) -> str:
    r"""Return the text after all rules of its field; cleaning it again changes nothing.

    >>> clean_text("Fine .  \r\n\n\n\n<noinput>", "response")
    'Fine.\n\n<noinput>'
    """
    done = edits(text, field, rules)
    return done[-1][2] if done else text
