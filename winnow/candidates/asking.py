"""Does a text ask for anything? A rewrite that answers its parent says something instead."""

import re

_QUESTION = re.compile(r"[?？]|吗|呢[。]?$|什么|怎么|怎样|如何|为何|哪|几|多少|谁|是否|能否|可否")
_REQUEST_ZH = re.compile(
    "请|写|说|列|给|解释|描|翻译|译|算|求|比较|总结|概括|推荐|设计|分析|介绍|生成|创|编|找|选|判断|分类|改|回答|讨论|制定|提供|举|画"
    "|证|帮|告诉|评|排|填|补|想|建议|阐|论|整理|提取|识别|转换|用|以|对|根据|指出|归纳|续|扩|润色|拟|规划|安排|检查|模拟|扮演|查|答"
)
_STATEMENT = re.compile(
    r"(?i)^\W*(?:\d+[.)]\s|(?:the|a|an|this|these|those|that|it|they|he|she|there|because|yes|no|our|their|its|his|her)\b"
    r"|\w+ (?:is|are|was|were|has|have|had|will|can|may|might|lay|made|stands?)\b)"
)
_SENTENCE = re.compile(r"(?<=[.!;:])\s+|\n+")
_REQUEST_EN = re.compile(
    r"(?i)(?:^|[.!;:,\n\"“”(]|\b(?:and|then|please|to|you|now|also|next|finally|first|instead|briefly)\b)\W*(?:\d+[.)]\W*)?"
    r"(?:write|describe|explain|list|give|name|summari[sz]e|translate|compare|contrast|find|calculate|compute|solve|draft"
    r"|create|design|suggest|recommend|tell|show|identify|classify|categori[sz]e|label|sort|rank|order|choose|pick|select"
    r"|decide|determine|discuss|analy[sz]e|evaluate|assess|outline|plan|propose|provide|generate|compose|edit|rewrite"
    r"|rephrase|paraphrase|convert|simplify|correct|fix|proofread|complete|continue|fill|extract|answer|define|state|argue"
    r"|predict|estimate|imagine|pretend|act|help|teach|advise|assign|match|arrange|combine|replace|add|remove|insert|use|turn"
    r"|transform|transcribe|count|check|verify|prove|derive|draw|invent|think|consider|construct|build|develop|formulate|make"
    r"|produce|prepare|record|report|reply|respond|role-?play|what|which|who|whom|whose|when|where|why|how|is|are|can|could"
    r"|do|does|should|would|will)\b"
)


def asks(text: str, language: str) -> bool:
    """Tell whether an instruction asks for something; in doubt it does.

    >>> asks("Tides are caused by the Moon.", "en"), asks("A train leaves at 9. Find its speed.", "en")
    (False, True)
    >>> asks("潮汐由月球的引力造成，太阳的影响较小。", "zh"), asks("写两句关于潮汐的诗。", "zh")
    (False, True)
    """
    if _QUESTION.search(text):
        return True
    if language == "zh":
        return _REQUEST_ZH.search(text) is not None or not re.search(r"[，；\n=]|\d[.)、]", text)
    if _REQUEST_EN.search(text):
        return True
    return not all(_STATEMENT.match(one) for one in _SENTENCE.split(text.strip())[:1])
