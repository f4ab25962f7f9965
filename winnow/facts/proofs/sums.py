"""Sums that are asked for in so many words or signs, and their results as exact fractions."""

import ast
import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from statistics import median

_LARGEST = 10**15
_NUM = r"[-−]?\d[\d,]*(?:\.\d+)?"
_SIGNS = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "×": "*",
        "÷": "/",
        "·": "*",
        "（": "(",
        "）": ")",
        "＋": "+",
        "＝": "=",
        "，": ",",
        "[": "(",
        "]": ")",
    }
)
_WORDS = (
    (r"(?<=\d) ?(?:plus|added to|加上?) ?(?=[\d(])", "+"),
    (r"(?<=[\d)]) ?(?:minus|减去?) ?(?=[\d(])", "-"),
    (r"(?<=[\d)]) ?(?:times|multiplied by|乘以|乘) ?(?=[\d(])", "*"),
    (r"(?<=[\d)]) ?(?:divided by|除以) ?(?=[\d(])", "/"),
    (r"(?<=[\d)]) ?(?:to the power of|\^|的(?=\d+次方)) ?(?=\d)", "**"),
    (r"(?<=[\d)]) ?(?:squared|的平方|²)", "**2"),
    (r"(?<=[\d)]) ?(?:cubed|的立方|³)", "**3"),
    (r"(?<=\d) ?(?:%|percent) of (?=\d)", "/100*"),
    (r"(?<=\d)%?的(?=\d+%)", "*"),
    (r"(?<=\d)%", "/100"),
    (r"(?<=\d) [xX] (?=\d)", "*"),
    (r"(?<=\d)[xX](?=\d)", "*"),
    (r"(?<=\d)\s*\((?=[\d-])", "*("),
)
_ASK = (
    r"(?:please )?(?:(?:what(?:'s| is| are)|how much is|calculate|compute|evaluate|solve|work out|determine|find|"
    r"give|"
    r"figure out|perform|do|请|计算|求|算一?下?|求出|计算出|请问|请计算)[:：]? ?){0,3}"
)
_WHAT = (
    r"(?:(?:the |this |following |these |given |simple |basic |numerical |arithmetic |math(?:ematic(?:s|al))? |"
    r"以下|下列|下面|这个|给定|的|一下)*"
    r"(?:value|result|answer|outcome|expression|equation|problem|calculation|operation|sum|question|值|结果|表达式|"
    r"算式|数学题|题目)s?"
    r"(?: of| for| to|的)?[ :：.。]*){0,3}"
)
_TAIL = r"(?: ?(?:=|equals?(?: to)?|等于|是)? ?(?:\?|what|多少|几)?)? ?[?.!？。]*"
_EXPRESSION = re.compile(rf"(?i){_ASK}{_WHAT}(?:input|expression|输入)?[:：]? ?(?P<sum>[\d\s().,+*/-]+?){_TAIL}")
_PLAIN = r"-?\d+(?:\.\d+)?"  # without commas, which part the numbers of a list: both would match in 2**n ways
_LISTS = rf"(?P<list>{_PLAIN}(?:(?: ?[,;、和与及] ?(?:and )?| and | & | ){_PLAIN}){{1,40}})"
_OF_LIST = re.compile(
    rf"(?i){_ASK}(?:the )?(?:add(?: up| together)?|sum(?: up)?|total|product|multiply|average|mean|arithmetic mean|"
    rf"median|"
    rf"greatest common (?:divisor|factor)|gcd|gcf|hcf|highest common factor|least common multiple|"
    rf"lowest common multiple|"
    rf"lcm|largest|maximum|highest|smallest|minimum|lowest|greatest|biggest|平均值|平均数|总和|中位数|和|乘积|"
    rf"最大公约数|最小公倍数)"
    rf"(?: number| value)?(?: of| between| among| from| in|的)?(?: and| together)?"
    rf"(?:(?: the| this| these| following| given| two| three| four| five| set| list| series| of| numbers?| integers?|"
    rf" values?| data| scores?|以下|数字|下列|这些|这组|数|的|值)*)"
    rf"[.:：。?]? ?(?:numbers?|list|data|input|数字|列表)?[:：]? ?\(?{_LISTS}\)?[.?。？]*"
)
_LIST_FIRST = re.compile(
    rf"(?:请?(?:计算|求出?|算))(?:数字|列表|数)?[:：]?{_LISTS}(?:这[几些组两三四五]?个?数|数字)?的?(?:平均值|平均数|"
    rf"总和|和|中位数|乘积|最大公约数|最小公倍数)(?:是多少)?[。？?]?"
)
_SIMPLE = (
    (
        re.compile(
            rf"(?i){_ASK}add (?P<a>{_NUM}) (?:and|to|"
            rf"with) (?P<b>{_NUM})(?: together)?[.?]*"
        ),
        lambda a, b: a + b,
    ),
    (re.compile(rf"(?i){_ASK}subtract (?P<a>{_NUM}) from (?P<b>{_NUM})[.?]*"), lambda a, b: b - a),
    (re.compile(rf"(?i){_ASK}multiply (?P<a>{_NUM}) (?:and|by|with) (?P<b>{_NUM})[.?]*"), lambda a, b: a * b),
    (re.compile(rf"(?i){_ASK}divide (?P<a>{_NUM}) by (?P<b>{_NUM})[.?]*"), lambda a, b: a / b if b else None),
    (
        re.compile(rf"(?i){_ASK}(?:the )?difference (?:between|of) (?P<a>{_NUM}) and (?P<b>{_NUM})[.?]*"),
        lambda a, b: a - b,
    ),
    (re.compile(rf"(?i){_ASK}(?:the )?square root of (?P<a>{_NUM})(?P<b>)[.?]*"), lambda a, _: _root(a)),
    (re.compile(rf"(?i){_ASK}(?P<a>{_NUM})的平方根(?P<b>)(?:是多少)?[。？?]*"), lambda a, _: _root(a)),
)
_OPERATIONS: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
    "average|mean|平均": lambda some: sum(some, Fraction(0)) / len(some),
    "median|中位": lambda some: Fraction(median(some)),
    "product|multiply|乘积": lambda some: math.prod(some, start=Fraction(1)),
    "common (?:divisor|factor)|gcd|gcf|hcf|公约": lambda some: Fraction(math.gcd(*(int(one) for one in some))),
    "common multiple|lcm|公倍": lambda some: Fraction(math.lcm(*(int(one) for one in some))),
    "largest|maximum|highest|greatest|biggest": max,
    "smallest|minimum|lowest": min,
    "add|sum|total|总和|和": lambda some: sum(some, Fraction(0)),
}
_IDIOM = re.compile(r"\d+[/xX-]\d+|\d+[/-]\d+[/-]\d+")


def result(asked: str) -> Fraction | None:
    """Return the result of the one sum that ``asked`` consists of, None where it is none that can be read.

    >>> [result(text) for text in ("What is 15% of 80?", "Calculate 3 + 4 * 2", "Write an expression for 3 + 4.")]
    [Fraction(12, 1), Fraction(11, 1), None]
    >>> result("Find the average of these numbers. 2, 4, 9"), result("12加7等于多少？"), result("What is 24/7?")
    (Fraction(5, 1), Fraction(19, 1), None)
    """
    asked = " ".join(asked.split()).translate(_SIGNS)
    for pattern, operation in _SIMPLE:
        if match := pattern.fullmatch(asked):
            return operation(*(_number(match[name]) if match[name] else Fraction(0) for name in "ab"))
    for listed in (_OF_LIST, _LIST_FIRST):
        if match := listed.fullmatch(asked):
            return _of_list(asked[: match.start("list")] + asked[match.end("list") :], match["list"])
    for words, sign in _WORDS:
        asked = re.sub(words, sign, asked, flags=re.IGNORECASE)
    match = _EXPRESSION.fullmatch(asked)
    if match is None or not re.search(r"\d\D*[-+*/]\D*\d", match["sum"]):
        return None
    bare = not re.search(r"(?i)calculate|compute|evaluate|solve|work out|计算|求", asked)
    return None if bare and _IDIOM.fullmatch(match["sum"].strip()) else _evaluated(match["sum"])


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", "").replace("−", "-"))


def _root(number: Fraction) -> Fraction | None:
    return Fraction(math.sqrt(number)).limit_denominator(10**9) if 0 <= number < _LARGEST else None


def _of_list(words: str, listed: str) -> Fraction | None:
    if re.search(r"\d,\d{3}(?!\d)", listed):
        return None  # 1,200 may be one number or two
    found = [_number(one) for one in re.findall(_PLAIN, listed)]
    words = words.lower()
    names = [name for name in _OPERATIONS if re.search(name, words)]
    whole = all(one.denominator == 1 and one > 0 for one in found)
    if not names or len(found) < 2 or (("公" in names[0] or "common" in names[0]) and not whole):
        return None
    return _OPERATIONS[names[0]](found)


def _evaluated(text: str) -> Fraction | None:
    try:
        return _value(ast.parse(re.sub(r"(?<=\d),(?=\d{3})", "", text).strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if not isinstance(node, ast.BinOp):
        raise ValueError
    left, right = _value(node.left), _value(node.right)
    if isinstance(node.op, ast.Pow):
        if right.denominator != 1 or abs(right) > 20 or abs(left) > 1000:
            raise ValueError
        return left ** int(right)
    operations = {ast.Add: left.__add__, ast.Sub: left.__sub__, ast.Mult: left.__mul__, ast.Div: left.__truediv__}
    return Fraction(operations[type(node.op)](right))
