"""Conversions that are asked for: units of length, mass, volume, time, speed, data and heat, and bases of numbers."""

import re
from fractions import Fraction

NEAR = Fraction(3, 100)
"""Share by which a conversion may miss: factors are rounded, gallons and ounces differ by country."""

_NUM = r"[-−]?\d[\d,]*(?:\.\d+)?"
_SCALES: tuple[dict[str, str], ...] = (
    {
        "mm|millimet(?:er|re)s?|毫米": "0.001",
        "cm|centimet(?:er|re)s?|厘米": "0.01",
        "m|met(?:er|re)s?|米": "1",
        "km|kilomet(?:er|re)s?|公里|千米": "1000",
        "in|inch(?:es)?|英寸": "0.0254",
        "ft|foot|feet|英尺": "0.3048",
        "yd|yards?|码": "0.9144",
        "mi|miles?|英里": "1609.344",
    },
    {
        "mg|milligrams?|毫克": "0.001",
        "g|grams?|克": "1",
        "kg|kilograms?|kilos?|公斤|千克": "1000",
        "lbs?|pounds?|磅": "453.59237",
        "oz|ounces?|盎司": "28.349523",
    },
    {"ml|millilit(?:er|re)s?|毫升": "0.001", "l|lit(?:er|re)s?|升": "1"},
    {
        "s|sec|seconds?|秒钟?": "1",
        "min|minutes?|分钟?": "60",
        "h|hrs?|hours?|个?小时": "3600",
        "days?|天": "86400",
        "weeks?|周|星期": "604800",
    },
    {
        "km/h|kmh|kph|kilomet(?:er|re)s per hour|公里每小时|千米每小时": "1000/3600",
        "mph|miles per hour|英里每小时": "1609.344/3600",
        "m/s|met(?:er|re)s per second|米每秒": "1",
    },
)
_UNITS = [
    (re.compile(rf"(?i){names}"), scale, _factor)
    for scale, table in enumerate(_SCALES)
    for names, _factor in table.items()
]
_HEAT = {
    "c": re.compile(r"(?i)(?:degrees? )?(?:°? ?c|celsius|centigrade)|摄氏度?"),
    "f": re.compile(r"(?i)(?:degrees? )?(?:°? ?f|fahrenheit)|华氏度?"),
    "k": re.compile(r"(?i)(?:degrees? )?(?:k|kelvins?)|开尔文"),
}
_UNIT = r"(?:°|[A-Za-z/°]+(?: (?:per|fahrenheit|celsius|centigrade|[cfk])\b(?: [a-z]+)?)?|[个\u4e00-\u9fff]{1,6}?)"
_ASKED = (
    re.compile(
        rf"(?i)(?:please )?(?:convert|change|transform)(?: the)?(?: temperature| distance| length|"
        rf" value)?(?: of)?[:：]? (?P<n>{_NUM}) ?(?P<from>{_UNIT}) (?:in)?to (?P<to>{_UNIT})[.?!]*"
    ),
    re.compile(rf"(?i)(?:what is |what's |how much is )(?P<n>{_NUM}) ?(?P<from>{_UNIT}) in (?P<to>{_UNIT})[.?!]*"),
    re.compile(
        rf"(?i)how many (?P<to>{_UNIT}) (?:are |is )?(?:there )?(?:in|equals?|make up?) (?P<n>{_NUM}|an?|"
        rf"one) ?(?P<from>{_UNIT})[.?!]*"
    ),
    re.compile(
        rf"(?i)convert (?:the )?(?:following |given )?(?:temperature|distance|length|measurement|weight|value|"
        rf"number)?(?: from (?P<x>[a-z]+))?(?: in)?to (?P<to>{_UNIT})[.:]* (?P<n>{_NUM}) ?(?P<from>{_UNIT})[.?!]*"
    ),
    re.compile(
        rf"(?:请)?(?:把|将)?(?P<n>{_NUM}) ?(?P<from>{_UNIT})(?:转换|换算|转化)?(?:为|成|到|等于(?:多少|"
        rf"几))(?P<to>{_UNIT})[。？?]*"
    ),
)
_BASES = {
    "binary": 2,
    "octal": 8,
    "decimal": 10,
    "hexadecimal": 16,
    "hex": 16,
    "base 2": 2,
    "base 10": 10,
    "base 16": 16,
    "base 8": 8,
    "二进制": 2,
    "十进制": 10,
    "十六进制": 16,
    "八进制": 8,
}
_BASE = "|".join(sorted(_BASES, key=len, reverse=True))
_IN_BASE = (
    re.compile(
        rf"(?i)(?:please )?convert (?:the )?(?:following )?(?P<from>{_BASE})? ?(?:number|"
        rf"value)?[:：]? ?(?P<n>[0-9a-f]+) (?:from (?P<from2>{_BASE}) )?(?:in)?to (?:an? |"
        rf"its )?(?P<to>{_BASE})(?: (?:number|form|format|equivalent|notation|value))?[.?!]*"
    ),
    re.compile(
        rf"(?i)(?:please )?convert (?:the |this )?(?:following |given )?(?P<from>{_BASE}) (?:number|"
        rf"value)? ?(?:in)?to (?:an? |its )?(?P<to>{_BASE})(?: (?:number|form|format|equivalent|notation|"
        rf"value))?[.:]* (?P<n>[0-9a-f]+)[.?!]*"
    ),
    re.compile(
        rf"(?:请)?(?:把|将)?(?P<from>{_BASE})数?(?P<n>[0-9a-fA-F]+)(?:转换|换算|转化)?(?:为|成|"
        rf"到)(?P<to>{_BASE})数?[。？?]*"
    ),
)


def converted(asked: str) -> Fraction | None:
    """Return the result of the conversion that ``asked`` consists of, None where it is none that can be read.

    >>> float(converted("Convert 5 feet to meters.")), float(converted("How many minutes are there in 2 hours?"))
    (1.524, 120.0)
    >>> converted("Convert 212 degrees Fahrenheit to Celsius."), converted("Convert 5 feet to dollars.")
    (Fraction(100, 1), None)
    """
    asked = " ".join(asked.split())
    for pattern in _ASKED:
        if match := pattern.fullmatch(asked):
            number = match["n"].replace(",", "").replace("−", "-").lower()
            value = Fraction(1) if number in ("a", "an", "one") else Fraction(number)
            return _converted(value, match["from"], match["to"])
    return None


def _converted(value: Fraction, of: str, to: str) -> Fraction | None:
    of, to = of.strip(" ."), to.strip(" .")
    units = [
        next(((scale, factor) for names, scale, factor in _UNITS if names.fullmatch(one)), None) for one in (of, to)
    ]
    if units[0] and units[1] and units[0][0] == units[1][0]:
        return value * _factor(units[0][1]) / _factor(units[1][1])
    heats = [next((name for name, names in _HEAT.items() if names.fullmatch(one)), None) for one in (of, to)]
    if heats[0] and heats[1] and heats[0] != heats[1]:
        celsius = {"c": value, "f": (value - 32) * 5 / 9, "k": value - Fraction("273.15")}[heats[0]]
        return {"c": celsius, "f": celsius * 9 / 5 + 32, "k": celsius + Fraction("273.15")}[heats[1]]
    return None


def _factor(text: str) -> Fraction:
    top, _, bottom = text.partition("/")
    return Fraction(top) / Fraction(bottom or "1")


def wrong_digits(asked: str, reply: str) -> bool:
    """Say whether ``asked`` wants a number in another base and no run of digits in ``reply`` is it.

    >>> wrong_digits("Convert 10 to binary.", "1010"), wrong_digits("Convert 10 to binary.", "The answer is 1100.")
    (False, True)
    """
    asked = " ".join(asked.split())
    match = next((match for pattern in _IN_BASE if (match := pattern.fullmatch(asked))), None)
    if match is None:
        return False
    parts = match.groupdict()
    source = _BASES[(parts.get("from") or parts.get("from2") or "decimal").lower()]
    wanted = _BASES[parts["to"].lower()]
    try:
        value = int(parts["n"], source)
    except ValueError:
        return False
    if source == wanted or value > 10**12:
        return False
    digits = {2: f"{value:b}", 8: f"{value:o}", 10: f"{value:d}", 16: f"{value:x}"}[wanted]
    said = [
        one.removeprefix("0b").removeprefix("0x").lstrip("0")
        for one in re.findall(r"[0-9a-z]+", re.sub(r"(?<=\d)[ ,](?=\d)", "", reply.lower()))
    ]
    other = [one for one in said if one != parts["n"].lower() and re.fullmatch(r"[0-9a-f]+", one)]
    spoken = [one for one in other if re.search(r"\d", one) or len(said) == 1]  # "bad" and "decade" are words
    return bool(spoken) and digits.lstrip("0") not in said
