"""Counts that are asked for (words, letters, vowels, one letter in a word), by every way in which one may count."""

import re

_QUOTED = r"[\"“'‘「『](?P<quoted>[^\"”」』\n]{1,200})[\"”'’」』]"
_TEXT = rf"(?:{_QUOTED}|[:：.。?？\n] ?(?P<rest>[^\n]{{1,300}}))"
_OF = r"(?:in|of|does|are in|are there in|is in|are contained in|contained in|have)"
_WHOSE = (
    r"(?:(?: the| this| that| a| an| following| given| below| next| word| sentence| phrase| string| text| paragraph|"
    r" name| input| have| contains?| contain)*)"
)
_ASKED = (
    re.compile(
        rf"(?i)(?:please )?(?:count|how many|find|calculate|determine|what is|tell me|give me)(?: the| total| number|"
        rf" of)* "
        rf"(?P<what>words|letters|characters|vowels|"
        rf"consonants)(?: are(?: there)?)?(?: {_OF}){{0,2}}{_WHOSE} ?{_TEXT}[.?!]*"
    ),
    re.compile(
        rf"(?i)(?:please )?(?:count|how many times|find|determine)(?: the| number| of| times| occurrences|"
        rf" does)* (?:the )?"
        rf"(?:letter|character) [\"“'‘]?(?P<letter>[a-z])[\"”'’]?(?: (?:appears?|occurs?|is used|used|is there))?"
        rf"(?: {_OF}){{0,2}}{_WHOSE} ?{_TEXT}[.?!]*"
    ),
    re.compile(
        rf"(?:请)?(?:统计|计算|数一?数)?(?:下面|以下|这个|这句|单词|句子|话|文本|字符串)*{_QUOTED}(?:这句话|这个词|"
        rf"中|里|一共|共|总共)*有(?:多少|几)个?(?P<what>字|汉字|单词|字母)[?？。]*"
    ),
)


def counted(asked: str) -> set[int] | None:
    """Return the counts that may be right for the question ``asked``, None where it is no such question.

    >>> sorted(counted('How many words are in the sentence "A well-kept bird."?'))
    [3, 4]
    >>> counted("How many times does the letter 'e' appear in 'elephant'?"), counted("How many words do I know?")
    ({2}, None)
    """
    asked = " ".join(asked.split())
    for pattern in _ASKED:
        if match := pattern.fullmatch(asked):
            parts = match.groupdict()
            text = (parts.get("quoted") or parts.get("rest") or "").strip()
            return _counts(parts.get("what", "").lower(), parts.get("letter"), text) if text else None
    return None


def _counts(what: str, letter: str | None, text: str) -> set[int]:
    if letter:
        return {text.count(letter), text.lower().count(letter.lower())}
    low = text.lower()
    letters = sum(map(str.isalpha, text))
    if what in ("words", "单词"):
        ways = (r"\S+", r"[\w'’-]+", r"[\w'’]+", r"\w+", r"[^\W\d_]+", r"[^\W\d_][\w'’-]*")
        return {len(re.findall(way, text)) for way in ways}
    if what == "vowels":
        return {len(re.findall(way, low)) for way in ("[aeiou]", "[aeiouy]")} | {len(set(re.findall("[aeiou]", low)))}
    if what == "consonants":
        return {len(re.findall(way, low)) for way in ("[b-df-hj-np-tv-z]", "[b-df-hj-np-tv-xz]")}
    han = len(re.findall(r"[\u4e00-\u9fff]", text))
    spaceless = len(re.sub(r"\s", "", text))
    some = {letters, len(text), spaceless, sum(map(str.isalnum, text)), len(set(low) - {" "})}
    bare = text.strip(".?!。？！")
    return some | {len(bare), len(re.sub(r"\s", "", bare))} | ({han} if what in ("字", "汉字") else set())
