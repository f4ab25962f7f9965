"""``verified_wrong``: rows whose reply a program proves wrong.

A question counts only if it consists, all of it, of one sum, one list to sort, one count or one conversion; a reply
only if it is short, holds a number and is not in a form that is not read here (roots, words for large numbers). It is
wrong where the right number stands nowhere in it: so whatever a reply shows on the way does no harm.
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from winnow.facts.proofs.counts import counted
from winnow.facts.proofs.numbers import UNREADABLE, holds, values
from winnow.facts.proofs.orders import wrong_order
from winnow.facts.proofs.sums import result
from winnow.facts.proofs.units import NEAR, converted, wrong_digits
from winnow.facts.texts import Texts
from winnow.storage.types import Bools
from winnow.text.columns import byte_lengths, matches

LONGEST_PROMPT, LONGEST_REPLY = 400, 400  # bytes of prompt and of reply; longer ones are problems told in words
_MAY_ASK = (
    r"(?i)^\s*(?:please |请)?(?:what|how m|calculate|compute|evaluate|solve|find|add\b|subtract|multiply|divide|"
    r"convert|"
    r"count|sort|arrange|order|put|list|rank|organi|determine|sum|give|work out|figure out|perform|change|transform|"
    r"tell|[\d(（]|计算|求|算|统计|数|把|将|对|[“\"「『])"
)
_SUMS = (
    r"(?i)\d[^\n]*[-+*/x×÷−^,、%]|\b(?:and|plus|minus|times|divided|multiplied|of|to|in|from)\b[^\n]*\d|"
    r"\d[^\n]*\b(?:in|to|into)\b|[加减乘除].?\d|\d[^\n]*[转换成为到]"
)
_COUNTS = r"(?i)(?:count|how many|统计|有多少|有几)[^\n]*(?:words|letters?|characters?|vowels|consonants|字)"
_ORDERS = (
    r"(?i)alphabetic|ascending|descending|increasing|decreasing|smallest|largest|lowest|highest|greatest|least|"
    r"顺序|升序|降序|从小|从大|由小|由大"
)
_NO_ANSWER = re.compile(
    r"(?i)\b(?:write|express|expression for|simplif\w+|series|round\w*|estimate|approximate\w*|nearest|factor(?:s|"
    r"ise|ize)?|code|function|program|"
    r"variable|x =|roots?|percentage (?:change|increase))\b|\.\.\.|…|化简|写出|约|估"
)


def wrong(asked: str, reply: str) -> bool:
    """Say whether ``reply`` to the whole prompt ``asked`` is proved wrong.

    >>> wrong("What is 7 + 8?", "7 + 8 is 16."), wrong("What is 7 + 8?", "15"), wrong("What is 7 + 8?", "It depends.")
    (True, False, False)
    """
    if wrong_order(asked, reply) or wrong_digits(asked, reply):
        return True
    if UNREADABLE.search(reply) or (_NO_ANSWER.search(asked) and "square root" not in asked):
        return False
    said = values(reply)
    if not said or (len(said) > 1 and {abs(one.number) for one in said} <= {abs(one.number) for one in values(asked)}):
        return False  # it gives no number of its own
    right = result(asked)
    if right is not None:
        return not holds(reply, right)
    if counts := counted(asked):
        return not any(one.number in counts for one in said)
    right = converted(asked)
    return right is not None and not holds(reply, right, NEAR)


def verified_wrong(texts: Texts) -> Bools:
    """Return a mask of the rows of one exchange whose reply is proved wrong."""
    short = (byte_lengths(texts.instruction) + byte_lengths(texts.context) <= LONGEST_PROMPT) & (texts.turns == 2)
    short &= (byte_lengths(texts.response) <= LONGEST_REPLY) & (byte_lengths(texts.response) > 0)
    rows = np.flatnonzero(short)
    rows = rows[matches(texts.instruction.take(pa.array(rows)), _MAY_ASK)]
    prompt = pc.binary_join_element_wise(
        texts.instruction.take(pa.array(rows)), texts.context.take(pa.array(rows)), "\n"
    )
    digits = matches(texts.response.take(pa.array(rows)), r"\d")
    rows = rows[(digits & matches(prompt, _SUMS)) | matches(prompt, _COUNTS) | matches(prompt, _ORDERS)]
    mask = np.zeros(len(texts), bool)
    at = pa.array(rows)
    parts = (
        texts.instruction.take(at).to_pylist(),
        texts.context.take(at).to_pylist(),
        texts.response.take(at).to_pylist(),
    )
    for row, asked, context, reply in zip(rows.tolist(), *parts, strict=True):
        mask[row] = wrong(f"{asked.strip()} {context.strip()}".strip(), reply)
    return mask
