"""Text without its dress: Markdown marks, bullets, numbering and polite phrases. For comparisons, never for a release.

Two rows that differ in these alone are duplicates: a bold word, "1." for "-", "please", "I hope this helps!".
"""

import pyarrow as pa
import pyarrow.compute as pc

from winnow.text.columns import matches

_BEFORE = r"(^|[^\p{L}\p{N}_)\]*]|\p{Han})"  # 2**3 and f(x)**2 are powers
_DRESS: tuple[tuple[str, str], ...] = (
    # fences with the name of a language, rulers, rules of tables
    (r"(?m)^[ \t]*(?:```[\w+#.-]*|[-*_=]{3,}|\|?[ :|-]*--[ :|-]*)[ \t]*$", ""),
    (r"(?m)^[ \t]*(?:>[ \t]?)+", ""),
    (r"(?m)^[ \t]*#{1,6}[ \t]+", ""),
    (r"(?m)^[ \t]*[-*+•·●▪◦‣–—][ \t]+(\S)", r"\1"),
    # numbering before a text: "7." alone is an answer
    (r"(?m)^[ \t]*(?:[(（]?(?:\d{1,3}|[ivx]{1,4})[.)）][ \t]+){1,2}(\S)", r"\1"),
    (r"(?m)^[ \t]*[(（]?\d{1,2}(?:[、）．]|\.(?:\p{Han}))", ""),
    (r"(?m)^[ \t]*[(（]?[一二三四五六七八九十]{1,3}[、）)]", ""),
    (_BEFORE + r"\*\*([^\s*][^*\n]*)\*\*", r"\1\2"),
    (_BEFORE + r"\*([^\s*][^*\n]*)\*", r"\1\2"),
    (r"(^|[\s(（\"“])__?([^\s_][^_\n]*)__?", r"\1\2"),
    ("`", " "),
)
_DRESSED = r"[*_`#>•·●▪◦‣|]|(?m)^[ \t]*(?:[-+–—=]|[(（]?(?:\d{1,3}|[ivx]{1,4}|[一二三四五六七八九十]{1,3})[.)）、．])"

_END = 200  # characters at the end of a text in which thanks and offers of more help are looked for

_ASK = (
    r"(?:please|kindly|(?:can|could|would|will) you(?: please| kindly)?|i(?: would|'d) like you to"
    r"|i (?:want|need) you to|请问一下|请问|麻烦[您你]?|劳驾|请[您你]?"
    r"|[您你]?(?:能否|能不能|可不可以|可以|能)|帮我|帮忙)"
)
_GREETING = (
    r"(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear (?:assistant|ai)|你好|您好)(?: there)?[\s,，.!！。]+)?"
)
# closed lists: "thanks for the tea" may be what a prompt is about
_THANKS = (
    r"(?:(?:many thanks|thanks|thank you)(?: (?:so|very) much| a lot| a million| again| in advance"
    r"| for (?:your|the|any|all your)(?: kind)? (?:help|time|assistance|answer|attention|support))*"
    r"|(?:i would|i'd)(?: really)? appreciate (?:it|that|your help|any help)"
    r"|(?:非常|十分|万分|很)?(?:感谢|谢谢|多谢)(?:啦|了)?(?:[您你](?:了|啦)?|大家)?(?:的(?:帮助|帮忙|解答|回答|支持))?|拜托(?:[您你]?了|啦)?)"
)
_THANKS_BETWEEN = rf"(?i)(^|[.!?。！？\s])\s*{_THANKS}[.!?。！？]*\n\n"  # before a context
_PROMPT_START = rf"(?i)^\s*{_GREETING}(?:{_ASK}[\s,，]*)*"
_PROMPT_END = (
    rf"(?i)(?:(?:^|[.!?。！？\s,，”’\"'])\s*{_THANKS}"
    r"|[\s,，]+(?:please|if you (?:can|could|would|please|do not mind|don't mind)))[\s.!?。！？~]*$"
)
_REPLY_START = r"(?i)^\s*(?:(?:sure(?: thing)?|of course|certainly|absolutely|好的|当然可以|当然)[!！,，.。]+\s*)+"
_REPLY_END = (
    r"(?i)(?:^|[.!?。！？\n])\s*(?:(?:i hope|hope) (?:this|that|it) helps?|let me know if|(?:please )?(?:feel free to"
    r"|do not hesitate to|don't hesitate to)|is there anything else|if you have any|希望[^。！？\n]*帮助"
    r"|如果?您?你?(?:还|有)[^。！？\n]*(?:问题|需要)|还有什么[^。！？\n]*(?:帮|吗))[^.!?。！？\n]*[\s.!?。！？~]*$"
)

_NO_OUTPUT = ((r"(?i)^\s*<\s*no[ _-]?(?:in|out)put\s*>\s*$", "<nooutput>"),)  # marks of generators; they say one thing


def undressed(texts: pa.Array) -> pa.Array:
    """Return ``texts`` (no nulls, lines as written) without marks of Markdown, bullets and numbering.

    >>> undressed(pa.array(["## Steps\\n1. **Mix** it\\n- 2**3", "7."])).to_pylist()
    ['Steps\\nMix it\\n2**3', '7.']
    """
    return _where(texts, matches(texts, _DRESSED), _DRESS)


def request_alone(texts: pa.Array) -> pa.Array:
    """Return user turns without greetings, "please", "could you" and thanks at either end.

    A turn that is nothing else stays.

    >>> request_alone(pa.array(["Could you please name a fruit? Thanks!", "请帮我写诗，谢谢", "Thanks!"])).to_pylist()
    ['name a fruit', '写诗', 'Thanks!']
    """
    texts = _where(texts, matches(texts, _THANKS_BETWEEN), ((_THANKS_BETWEEN, "\\1\n\n"),))
    return _unless_empty(texts, (_PROMPT_END, _PROMPT_START, "一下"))


def answer_alone(texts: pa.Array) -> pa.Array:
    """Return replies without "Sure!" before and "I hope this helps!" after; one that is nothing else stays.

    >>> answer_alone(pa.array(["Sure! An apple. I hope this helps!", "Sure!", "<no-output>"])).to_pylist()
    ['An apple', 'Sure!', '<nooutput>']
    """
    return _where(_unless_empty(texts, (_REPLY_END, _REPLY_START)), matches(texts, _NO_OUTPUT[0][0]), _NO_OUTPUT)


def _where(texts: pa.Array, mask: object, rules: tuple[tuple[str, str], ...]) -> pa.Array:
    chosen = pa.array(mask)
    some = texts.filter(chosen)
    for pattern, replacement in rules if len(some) else ():
        some = pc.replace_substring_regex(some, pattern, replacement)
    return pc.replace_with_mask(texts, chosen, some) if len(some) else texts


def _unless_empty(texts: pa.Array, patterns: tuple[str, ...]) -> pa.Array:
    for pattern in patterns:
        near = pc.utf8_slice_codeunits(texts, -_END) if pattern.endswith("$") else texts
        met = pa.array(matches(near, pattern))
        whole = texts.filter(met)
        shorter = pc.replace_substring_regex(whole, pattern, "")
        left = pc.match_substring_regex(shorter, r"[\p{L}\p{N}]")
        texts = pc.replace_with_mask(texts, met, pc.if_else(left, shorter, whole))
    return texts
