"""Which of the replies that open like a refusal are one: the assistant will not or cannot, and gives nothing else.

The lexicon finds openings ("I'm sorry, but I can't …"); the whole reply decides. No refusal is a reply that says what
the passage lacks (the lesson of reading with abstention), one that explains why the question has no answer ("both are
units of length"), one that answers after all ("However, according to …"), and one that only repeats the prompt.
Nor is one that says why what was given is too little ("cannot determine the angle given only two sides").
A refusal of a dangerous request has a flag of its own: a set may want to teach these and no others.
"""

import re

import numpy as np
import pyarrow as pa

from winnow.facts.texts import Texts
from winnow.storage.types import Bools

_PASSAGE = 40  # characters from which a context is one, and no stand-in for it
_ECHO = 30  # characters that the reply shares with the prompt where it repeats it
_SHORT = 60  # characters below which a last user turn ("how?") asks for what the turns before it speak of
_LEAST = 15  # characters of an explanation

_NOT_GIVEN_BY_USER = re.compile(
    r"(?i)\byou (?:did not|didn['’]t|have not|haven['’]t)|\b(?:please|could you|can you) (?:provide|share|send|"
    r"attach)|\b(?:provide|send|give) me\b|"
    r"[您你](?:没有|未|并未|尚未|还没)|请(?:您|你)?(?:先|再)?(?:提供|上传|给出|输入)"
)
_OF_PASSAGE = re.compile(
    r"(?i)\b(?:passage|text|context|paragraph|article|document|excerpt|story|material|report|table|email|letter|"
    r"review|transcript|conversation|notes?|"
    r"sources?|minutes|manual|page|data|list|information (?:given|provided))\b|材料|文中|文章|段落|原文|资料|上下文|"
    r"文本|短文|文件|文档|报告|表格|表中|信息|对话|内容|片段|记录"
)
_MODEL = re.compile(
    r"(?i)\b(?:ai|gpt|chatgpt|(?:language |a |the |this )models?|chat ?bot|assistant|capab\w+|abilit(?:y|ies)|"
    r"functions?|programm(?:ed|ing)|access|real[- ]time|"
    r"internet|brows\w+|visuals?|graphics?|audio|external|permissions?|unreliable|trained|training|text[- ]based|"
    r"software|tasks?|instructions?|requests?|information|context|details)\b"
    r"|AI|人工智能|模型|助手|助理|功能|能力|权限|实时|联网|外部|程序|机器人|任务|指令|请求|要求|信息不足|信息不够|"
    r"不够"
)
_PERSON = re.compile(
    r"(?i)\b(?:i|i['’]m|we|my|me|our|us|you|your|please|let me|sorry|feel free|contact|ask|possible|impossible|"
    r"unable|beyond|too (?:hard|difficult|complex|vague|broad))\b|[我您你咱请]|太难|太复杂|无法|不能|抱歉"
)
_REASON = re.compile(
    r"(?i)(?:,|;|:|—|\bbecause\b|\bsince\b|\bas\b)\s*(?:because |since |as |for |given that )?(?P<why>(?:it|"
    r"he|she|they|this|that|there|these|those|both|neither|"
    r"no(?:body| one| human| such)?|none|the|an?|all|humans?|people|nothing|never|only|we do not know|"
    r"nobody)\b.{12,})$"
    r"|(?:因为|由于|原因是|毕竟|：)\s*[：:]?(?P<zh>[^我您你，。]{2,}.{3,})$"
)
_AFTER_ALL = re.compile(
    r"(?i)\b(?:however|that said|nevertheless|nonetheless|still|but)\b,? (?:according|based|in general|generally|"
    r"typically|usually|historically|if|it|they|the|as of|most|some|"
    r"one|for example|here|here['’]s|silk|an?|this|these|on average|in theory|assuming|i would|i['’]d|i think|"
    r"my guess)\b.{40,}"
    r"|(?:但是?|不过|然而|通常|一般来说)，?(?:如果|假设|根据|通常|一般|它|这|他|她|该|从|按|以下|可以使用|大多|有些|"
    r"[一-鿿]{1,6}(?:通常|一般|是))[^。]{12,}"
    r"|\b(?:answer|result|so it) is\b.{3,}|[：:]\s*\n\s*(?:[-*•]|1[.、)])"
)
_TOO_LITTLE = re.compile(  # what the prompt gives does not settle the question: that is the answer
    r"(?i)\b(?:can(?:not|['’]t| not)|(?:not|im)possible to|unable to|not able to) (?:\w+ )?(?:determin|find|calculat|"
    r"comput|solv|deriv|infer|deduc)\w*\b[^.!?\n]{0,60}\b(?:only|alone|just|solely)\b"
    r"|(?:仅凭|仅根据|只凭|只根据|只知道|仅知道|只给出|仅给出)[^。\n]{0,30}(?:无法|不能|不足以)"
    r"|(?:无法|不能)(?:仅|只)(?:凭|根据|从|由)"
)
_HARM = re.compile(
    r"(?i)\b(?:harm(?:ful|s|ing)?|illegal|unlawful|against the law|(?:the|a|any|breaking) laws?|unethical|immoral|"
    r"dangerous|inappropriate|offensive|hateful|discriminat\w+|violen(?:t|ce)|unsafe|"
    r"privacy|malicious|abus(?:e|ive)|hurt(?:ing)?|crim(?:e|inal)|weapons?|disrespectful|terms of service|guidelines|"
    r"policy|police|safety)\b"
    r"|违法|非法|不道德|有害|危险|伤害|暴力|歧视|侵犯|隐私|犯罪|违反|恶意|不当|不合适|不恰当|法律|色情|仇恨"
)
_DANGER = re.compile(
    r"(?i)\b(?:kill|murder|suicide|bombs?|explosives?|poison(?:s|ing)?|weapons?|guns?|hack(?:ing)?|malware|ransom\w*|"
    r"virus(?:es)?|phish\w*|steal|rob|burgl\w+|shoplift\w*|"
    r"drugs?|meth|cocaine|heroin|rape|porn\w*|child abuse|molest\w*|terror\w*|racis\w+|slurs?|nazi|torture|stalk\w*|"
    r"kidnap\w*|counterfeit|forge|fraud|launder\w*|"
    r"home address|ssn|social security number|credit card numbers?|password of|someone['’]s|blackmail|bully|"
    r"harass\w*|beat up|cheat on|spy on|break into|illegal\w*|"
    r"profanity|cuss|swear words?|sexual\w*|naked|nudes?|genocide|arson|die)\b"
    r"|杀人?|自杀|炸弹|炸药|毒药|毒品|武器|枪支|黑客|入侵|病毒|勒索|盗|偷拍|偷|抢劫|诈骗|洗钱|伪造|色情|强奸|绑架|"
    r"恐怖|种族歧视|跟踪他人|身份证号|银行卡|违法|非法|赌博|跳楼|报复"
)


def split(texts: Texts, opened: Bools) -> tuple[Bools, Bools]:
    """Return which of the rows that ``opened`` like a refusal are one, and which refuse a dangerous request."""
    refusal, safety = np.zeros(len(texts), bool), np.zeros(len(texts), bool)
    rows = np.flatnonzero(opened)
    at = pa.array(rows)
    parts = (texts.instruction.take(at), texts.context.take(at), texts.response.take(at), texts.user_turns.take(at))
    for row, asked, context, reply, turns in zip(rows.tolist(), *(part.to_pylist() for part in parts), strict=True):
        if is_refusal(asked, context, reply):
            dangerous = _DANGER.search(turns if len(asked) < _SHORT else asked)
            lazy = "unreliable generation" in reply
            (safety if not lazy and (dangerous or _HARM.search(reply)) else refusal)[row] = True
    return refusal, safety


def is_refusal(asked: str, context: str, reply: str) -> bool:
    """Say whether ``reply``, which opens like a refusal, is one.

    >>> is_refusal("Which is longer, an hour or a litre?", "", "I can't say. An hour is a time, a litre a volume.")
    False
    >>> is_refusal("Draw a heron.", "", "I'm sorry, but I can't draw. The model has no hands.")
    True
    """
    reply = " ".join(reply.split())
    start = re.sub(r"\W+", " ", reply[: 2 * _ECHO].lower())[:_ECHO]
    if len(start) == _ECHO and start in re.sub(r"\W+", " ", asked.lower()):
        return False
    passage = len(context.strip()) >= _PASSAGE or len(asked) >= 10 * _PASSAGE
    if passage and _OF_PASSAGE.search(reply) and not _NOT_GIVEN_BY_USER.search(reply):
        return False
    return not (_AFTER_ALL.search(reply) or _TOO_LITTLE.search(reply) or explains(reply))


def explains(reply: str) -> bool:
    """Say whether a reply gives a reason that lies in the world, not in the assistant, its abilities or its rules.

    >>> explains("We cannot describe her, since no human being has set foot there."), explains("I cannot help.")
    (True, False)
    """
    first, _, rest = reply.partition(_end(reply))
    if _MODEL.search(reply) or _HARM.search(reply):
        return False
    reason = _REASON.search(first)
    why = [reason["why"] or reason["zh"]] if reason else []
    return any(_of_the_world(one.strip()) for one in [*why, _first(rest)])


def _of_the_world(reason: str) -> bool:
    """Say whether the first clause of a reason speaks of things, not of the assistant or the user."""
    clause = re.split(r"[,，;；]", reason, maxsplit=1)[0]
    return len(reason) >= (_LEAST if reason.isascii() else 5) and not _PERSON.search(clause)


def _end(reply: str) -> str:
    match = re.search(r"[.!?] |[。！？]", reply)
    return match[0] if match else "\n"


def _first(rest: str) -> str:
    return rest.strip().partition(_end(rest.strip()))[0]
