"""Texts made to be slow to read: runs and alternations of the signs that rules, facts and readers look for."""

RUNS = (
    *("\n", " ", "\t", "\r\n", "\u00a0", "\u3000", "`", "```\n", "~~~\n", "$", "$$", "\\", "\\(", "\\[", "["),
    *("[1]", "[1", "(", "{", "<", "<b", "<b>", "</b>", "<br>", "<p a=", "<p a=b ", "&amp;", "&lt;", "&", "amp;"),
    *("#", "##\n", "1", "9.", "-", "- \n", "*", "_", "|", "|a", "'", '"', "“", "”", "。", "，", ",", " ,", ".", "?"),
    *("你", "你.", "a", "a.", "A", "é", "e\u0301", "\u0301", "\u200b", "\u200d", "\ufe0f", "\u202e", "\x1b", "\x1b["),
    *("\x1b]", "\x00", "\x0c", "Ã", "â€™", "ï»¿", "\ufffd", "ـ", "👩\u200d", "</think>", "<think>", "<|", "｜", "<<"),
    *("[[", "\\begin{a}", "\\n", "\\u0000", '{"a":', '"a",', "no input ", "<noinput>", "no ", "is ", "无", "[a]"),
    *("a ", "a  ", "ab\n", "a\n\n", "a=b\n", "a: ", "if (", "if (a) ", "a()", "a(", "::", "_a", "<!-- -->\n"),
    *("1. Instruction:\n", "\n1. Instruction: a\n2. Input:", "### Instruction:\n", "Instruction: \n", "Input:\n"),
    *("7. Input:\n", "18. ", "\n ", " \n", "\n\n \n", "`\n", "` `", "a`", "$a ", "$a$", "~~~", "\n~~~", "http://"),
    *("[note ", "[when?]", "see ", "a[1]", "word[1]", "word[1].", "word[1] = ", "1[2]", "- a\n", "| a | b |\n"),
    *('"a" ', "'a' ", "a='", 'a="', "<a ", "<a href='", " a=b", "/", "//", "1.1", "1,", "1 + ", "= ", "a:\n"),
    *("return ", "return a", "class a", "import a, ", "for ", "SELECT ", "Scores:\n", "A: 1\n", "é ", "Da ", " ?"),
)
"""What is repeated."""

FRAMES = (
    ("", ""),
    ("A fine reply.\n##\n18. Instruction: go\n", "\nend"),
    ("The castle.[3] See <br> it  now", "x"),
    ("<noinput", "]z"),
    ("你好中文你好中文，今天\n", "。"),
    ("```\n", "é"),
    ("{", "}"),
)
"""What stands before and behind: it makes rules act, or lets a match fail at the very end."""


def shapes(size: int) -> dict[str, str]:
    """Return texts of about ``size`` characters by what they are made of."""
    texts = {
        f"{head[:12]!r} + {run!r} + {tail!r}": head + run * (size // len(run)) + tail
        for run in RUNS
        for head, tail in FRAMES
    }
    return texts | {f"nested {run!r}": run * (size // (2 * len(run))) + tail * (size // 2) for run, tail in _NESTED}


_NESTED = (("[", "]"), ("{", "}"), ("(", ")"), ("<", ">"), ("`", "a`"), ("“", "”"), ("\n", " "), (" ", "\n"))
