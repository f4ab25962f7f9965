"""Words and patterns that the checks of candidates look for, in English and Chinese."""

import re

STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "so",
        "that",
        "the",
        "then",
        "there",
        "this",
        "to",
        "was",
        "we",
        "were",
        "with",
        "you",
        "your",
        "me",
        "my",
        "not",
        "no",
        "yes",
        "ok",
        "okay",
        "do",
        "does",
        "did",
        "的",
        "了",
        "是",
        "在",
        "和",
        "与",
        "也",
        "就",
        "都",
        "而",
        "及",
        "或",
        "这",
        "那",
        "有",
        "我",
        "你",
        "他",
        "她",
        "它",
        "们",
        "吗",
        "呢",
        "吧",
        "啊",
    ]
)
POLITE = frozenset(
    [
        "please",
        "kindly",
        "could",
        "would",
        "can",
        "you",
        "thank",
        "thanks",
        "请",
        "麻",
        "烦",
        "您",
        "你",
        "帮",
        "忙",
        "我",
        "一",
        "下",
        "谢",
        "好",
    ]
)
SORRY = re.compile(r"\bsorry\b|\bapologi[sz]e|抱歉|对不起|很遗憾|无法(?:回答|完成|提供)", re.IGNORECASE)
SORRY_ASKED = re.compile(
    r"\bsorry\b|apolog|regret|declin|refus|reject|turn(?:s|ed|ing)? \w* ?down|complain|condol"
    r"|抱歉|道歉|致歉|对不起|遗憾|拒绝|婉拒|推辞|谢绝|检讨|认错|投诉",
    re.IGNORECASE,
)
PROMISE = re.compile(
    r"(?:\s*(?:ok(?:ay)?|sure(?: thing)?|certainly|of course|absolutely|no problem|got it|understood|happy to help"
    r"|好的|好|没问题|当然(?:可以)?|可以|明白了?|收到|知道了)[\s.!,。！，~]*){2,4}",
    re.IGNORECASE,
)
OPENS_ANSWER = re.compile(
    r"\s*(?:sure|certainly|of course|absolutely|here (?:is|are)|here's|the answer (?:is|to)|answer\s*:|solution\s*:|"
    r"当然|好的|没问题|以下(?:是|为)|答案(?:是|为|：|:)|答[：:]|解[：:])",
    re.IGNORECASE,
)
_SPEAKS = (
    r"translat|language|english|chinese|french|spanish|german|japanese|quot|title|cod(?:e|ing)|program|script|sql"
    r"|python|java|regex|html|翻译|译|英|外语|外文|双语|中文|汉|法语|德语|日语|韩语|西班牙|代码|程序|编程|函数|脚本|命令|引用"
    r"|标题|书名|歌"
)
SPEAKS = (
    re.compile(rf"(?i){_SPEAKS}|[\u4e00-\u9fff]"),
    re.compile(rf"(?i){_SPEAKS}|[A-Za-z]+ [A-Za-z]+ [A-Za-z]+"),
)
"""What an instruction that is not Chinese, or is, says where a sentence of its reply may be in another script."""
STRAYED = (
    re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff，、]{11,}"),
    re.compile(r"(?:\b[A-Za-z][A-Za-z'’-]*\b[ ,]+){9,}[A-Za-z]+"),
)
"""A sentence of Chinese in a reply that is none; one of Latin letters in a Chinese reply."""
HANGING = re.compile(
    r"(?i)(?:\b(?:the|a|an|and|or|of|to|with|because|which|whose|than|from|into|their|its|is|are|was|were|by|for|as|but)"
    r"|[的和与及而或在把被将对从向因为由])$"
)
NUMBERS = re.compile(r"\d+(?:\.\d+)?")
