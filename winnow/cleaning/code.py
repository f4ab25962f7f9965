"""Source code that stands in a text without a fence, and what stands between fences."""

import re

FENCE = re.compile(r"```.*?(?:```|\Z)|^[ \t]*~~~.*?(?:^[ \t]*~~~|\Z)", re.DOTALL | re.MULTILINE)

# Syntax that only a program (or a shell, a query, a data file) writes. Prose has brackets, colons and
# semicolons too, so each piece needs more: "import duties rose" and "for (some) people" are not code.
_CODE_LINE = re.compile(
    r"^[ \t]*(?:"
    r"(?:async )?def \w+ ?\(|class \w[^.\n]*[:{]$|import [\w.]+(?: as \w+)?(?:, ?\w+)*;?$"
    r"|from [\w.]+ import "
    r"|#include|#!/|using \w+;|package [\w.]+;"
    r"|(?:public|private|protected|static|const|let|var|final) +\w.*[=({;]"
    r"|(?:int|float|double|char|bool|boolean|void|string|String|long|auto) +\*?\w+ *[=(;\[]"
    r"|function\b.*[({]|(?:if|for|while|switch|else if|elif|foreach) *\(.*\) *[{:]?$"
    r"|(?:if|for|while|elif|else|try|except|with|case)\b[^.?!\n]*:$|return\b[^.\n]*;$|break;|continue;"
    r"|(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE)\b"
    r"|print *\(|console\.log|System\.out|>>> |\$ \w|\w+\(\)[;.]?$|[{}\[\]][,;]?$|//|/\*|<\?php|<!--"
    r"|[A-Za-z_][\w.\[\]'\"]* ?[-+*/|&]?= ?[^=\s].*"
    r"|[\"']?\w+[\"']? ?: ?[\[{\"'].*)",
    re.MULTILINE,
)
# Each begins with a literal, which lets `re` skip ahead; a leading \w would be tried at every letter. Names and
# arguments are bounded, because the next piece may begin inside them.
_CODE_PIECES = (
    re.compile(r"(?:==|!=|<=|>=|\+=|-=|&&|\|\||=>|->|::) *[\w(\"'-]"),
    re.compile(r"\{[ \t]*$", re.MULTILINE),
    re.compile(r"\((?<=\w\()[^()\n]*\);[ \t]*$", re.MULTILINE),
    re.compile(r"\.[a-zA-Z_]\w*+\([^)\n]{0,400}\)"),
    re.compile(r"_\w{1,64}\("),
    re.compile(r"\[(?<=\w\[)(?:i|j|k|n|m|x|0|-1|[ijk] ?[-+] ?1|\d*:\d*)\]"),
)


def has_bare_code(text: str) -> bool:
    r"""Tell whether a line of the text, outside of any fence, reads as source code.

    >>> has_bare_code("Try this:\nfor (i = 0; i < n; i++) {")
    True
    >>> has_bare_code("First, import the goods; then wait for the class (about an hour).")
    False
    """
    if "```" in text or "~~~" in text:
        text = FENCE.sub("", text)
    return any(pattern.search(text) for pattern in (*_CODE_PIECES, _CODE_LINE))
