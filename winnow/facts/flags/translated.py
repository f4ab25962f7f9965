"""Code that a translator ruined: keywords in Chinese, brackets and colons in full width, so that nothing runs it.

Machine translation of English sets goes over programs as if they were prose (``def f（列表）：``, ``返回 结果``).
Comments and strings in Chinese are sound code, pseudo-code in Chinese is asked for as such, and prose about a program
is no program: what counts are lines that are statements, beside code in Latin letters or where a program was asked for.
"""

import re

import numpy as np
import pyarrow as pa

from winnow.facts.texts import Texts
from winnow.storage.types import Bools
from winnow.text.columns import matches, not_ascii

_KEYWORDS = (
    "如果|否则如果|否则|别的|其他|返回|退货|对于|打印|导入|进口|定义|当|而|尝试|除了|除外|公共|私有|私人|"
    "公开|静态|函数|功能|班级|类|使用|变量|让|常量"
)
_WIDE = (
    r"\b(?:def|class|elif|while|for|if|return|print|import|function|public|private|void|int|len|range|"
    r"append)\b[^\n]*[（）：；，。【】“”]"
)
_MAY_BE = rf"(?m)^[ \t]*(?:{_KEYWORDS}|从 ?\w+ ?导入|#包括)|{_WIDE}|^(?:从|选择|更新|插入|删除|创建)"

_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|“[^”\n]{0,500}”")
_COMMENT = re.compile(  # one that nothing closes runs to the end: no second try from each opening mark
    r"(?m)(?:(?<=\s)|^)(?:#(?!包括|include)|//|--).*$|/\*[\s\S]*?(?:\*/|\Z)|\"\"\"[\s\S]*?(?:\"\"\"|\Z)"
    r"|<!--[\s\S]*?(?:-->|\Z)"
)
_CHINESE_STATEMENT = re.compile(
    r"(?m)^[ \t]*(?:(?:如果|否则如果|而|当|对于|否则|别的|其他|尝试|除了|除外|除|定义|类|班级|功能|函数|公共|私有|"
    r"私人|公开|静态)(?![一-鿿]{0,3}[，。])[^\n。，]{0,60}[:：{｛][ \t]*$"
    r"|(?:返回|退货|回归)[ (（]?[\w一-鿿.+*/\[\]()（） -]{1,40}[;；]?[ \t]*$"
    r"|(?:打印|印刷)[ ]?[(（].*[)）][;；]?[ \t]*$"
    r"|(?:导入|进口) ?[A-Za-z_][\w.]*(?: ?(?:as|作为) ?\S+)?[;；]?[ \t]*$|从 ?\w+ ?(?:导入|import) ?\S+|#包括)"
)
_WIDE_STATEMENT = re.compile(
    r"(?m)^[ \t]*(?:def|class|function|public|private|void|int|static)\b[^\n]{0,60}\w ?（|^[ \t]*(?:def|class|elif|"
    r"else|while|for|if|try)\b[^\n]{0,80}：[ \t]*$"
    r"|^[ \t]*(?:return|import|print)\b[^\n]{0,60}[；（][^\n]*$|"
    r"^[ \t]*[\w.\[\]]+ ?[-+*/]?= ?[^\n]{0,60}[（；｛][^\n]*[；）｝]?[ \t]*$"
)
_LATIN_CODE = re.compile(
    r"(?m)^[ \t]*(?:def|class|import|from|elif|for|while|if|return|function|public|private|const|let|var|#include|"
    r"print\(|else)\b"
    r"|^[ \t]*[\w一-鿿.]+ ?[-+*/]?= ?\S|\b\w{1,60}\([^)\n]{0,200}\)|[;{}][ \t]*$"
)
_QUERY = re.compile(
    r"\s*(?:从[^，。；;\n]{1,20}(?:中|里)?选择[^。\n]{1,60}|选择 ?[^。，\n]{1,40}[\s\n]?从[^。\n]{1,60}|(?:更新|插入|"
    r"删除|创建)[^。，\n]{1,30}\n?(?:SET|设置|VALUES|值|WHERE|表)[^。]{1,120})[;；]\s*"
)
_FENCED = re.compile(r"```[^\n]*\n([\s\S]*?)(?:```|\Z)")
_PROGRAM = re.compile(
    r"(?i)代码|程序|函数|编程|脚本|算法|python|java|c\+\+|javascript|html|css|\bcode\b|program|function|script|"
    r"algorithm|类|方法"
)
_SQL = re.compile(r"(?i)sql|查询|数据库|表|query|database")
_FREE = re.compile(r"(?i)伪代码|pseudo|易语言|中文编程|流程图|步骤|解释|说明|scratch|explain")


def ruined(instruction: str, response: str) -> bool:
    r"""Say whether ``response`` is code that was translated.

    >>> ruined("写 Python 函数", "def f（列表）：\n    返回列表[0]"), ruined("写函数", 'print("如果：")  # 返回 a')
    (True, False)
    >>> ruined("写伪代码", "如果 a > b：\n    返回 a"), ruined("查询姓名的 SQL", "从作者中选择姓名；")
    (False, True)
    """
    if _FREE.search(instruction):
        return False
    if _QUERY.fullmatch(response):
        return bool(_SQL.search(instruction))
    fenced = _FENCED.findall(response)
    bare = _COMMENT.sub("", _STRING.sub("''", "\n".join(fenced) if fenced else response))
    chinese, wide = len(_CHINESE_STATEMENT.findall(bare)), len(_WIDE_STATEMENT.findall(bare))
    if wide and _LATIN_CODE.search(bare):
        return wide + chinese > 1 or bool(_PROGRAM.search(instruction))
    if not chinese:
        return False
    latin = len(_LATIN_CODE.findall(_CHINESE_STATEMENT.sub("", bare)))
    asked = bool(_PROGRAM.search(instruction))
    return (latin >= 1 and asked) or (latin >= 2 and chinese >= 2)


def code_translated(texts: Texts) -> Bools:
    """Return a mask of the rows whose response is code that was translated."""
    found = np.zeros(len(texts), bool)
    rows = not_ascii(texts.response)
    rows = rows[matches(texts.response.take(pa.array(rows)), _MAY_BE)]
    pairs = zip(
        texts.instruction.take(pa.array(rows)).to_pylist(), texts.response.take(pa.array(rows)).to_pylist(), strict=True
    )
    for row, (instruction, response) in zip(rows.tolist(), pairs, strict=True):
        found[row] = ruined(instruction, response)
    return found
