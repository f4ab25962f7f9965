"""The rules of ``accept`` on single facts of rows that models wrote, in their order: the first one is the reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule: a row leaves whose check measures the limit or more (``above``: more than it).

    ``default`` is a limit, or true where the check says yes or no. ``about`` is the help of the option.
    """

    name: str
    sentence: str
    default: float | bool
    about: str
    above: bool = False


RULES: tuple[Rule, ...] = (
    Rule("leak", "It holds words of the prompt that asked for it.", True, "The prompt's own words stand in it."),
    Rule(
        "no_op",
        "The rewrite says what its parent says.",
        0.9,
        "Share of its 8-token runs that stand in its parent, from which a rewrite changed nothing.",
    ),
    Rule(
        "growth",
        "The rewrite is much longer than its parent.",
        3.0,
        "Times its parent's length, beyond 20 words, above which a rewrite leaves.",
        above=True,
    ),
    Rule("depth", "It was rewritten too often.", 4, "Rewrites above which a row leaves (WizardLM: 4).", above=True),
    Rule("apology", "The reply is short and says that it is sorry.", True, "A short reply that says sorry."),
    Rule("no_words", "The reply says nothing.", True, "Only punctuation, stop words, or 'sure, no problem'."),
    Rule(
        "language",
        "It is in another language than was asked for.",
        True,
        "Not in the language that was asked for.",
    ),
    Rule("answers", "The instruction is an answer.", True, "The instruction answers instead of asking."),
    Rule(
        "lost_code",
        "The rewrite lost code, links, quoted texts, numbers or the context of its parent.",
        True,
        "Code, a link, a quotation, the numbers or the context of the parent are missing.",
    ),
    Rule("colon_end", "The reply ends with a colon.", True, "The reply ends with a colon (Self-Instruct)."),
    Rule(
        "cut_end",
        "The reply breaks off.",
        True,
        "The reply ends without a stop on a word that another one must follow.",
    ),
    Rule("odd_start", "The instruction begins with a sign.", True, "A sign begins the instruction (Self-Instruct)."),
    Rule(
        "long_instruction",
        "The instruction is too long.",
        150,
        "Words of the instruction above which it leaves (Self-Instruct: 150).",
        above=True,
    ),
    Rule(
        "wrong_step",
        "A sum in a step of the reasoning is wrong.",
        True,
        "A sum in the reasoning, such as 3 + 4 = 8, is wrong.",
    ),
    Rule(
        "wrong_answer",
        "A program proves the reply wrong as an answer to the question that it was made from.",
        True,
        "The answer to a sum, count or conversion is proved wrong.",
    ),
)
