"""Words that make two rows the same or another, English and Chinese; a Chinese character is a word."""

FUNCTION_WORDS = (
    "the a an of in for on at by and is are was were be it its this that these those following given below with as "
    "your my our me you i we us do does did there here so then just also very "
    "的 了 吗 呢 吧 啊 呀 地 得 着 是 这 那 个 们 之"
)
"""Words that alone make no other question."""

NEGATIONS = (
    "not no never none without cannot neither nor nothing dont doesnt didnt isnt arent wasnt werent cant wont "
    "shouldnt wouldnt couldnt hasnt havent 不 没 無 无 非 未 勿 莫 别"
)
NOT_NEGATIONS = (
    "非常 非洲 未来 无论 无线 不仅 不但 不过 不断 没收 莫斯 别人 别的 别名 别墅 别致 特别 区别 分别 差别 "
    "类别 级别 性别 个别 识别 辨别 鉴别 告别 离别"
)
"""Pairs of characters in which a negation negates nothing."""

POLES = (
    "true false correct incorrect positive negative increase decrease increasing decreasing raise lower "
    "maximum minimum max min ascending descending possible impossible legal illegal advantages disadvantages "
    "pros cons benefits drawbacks agree disagree accept reject entailment contradiction neutral singular plural "
    "formal informal add subtract multiply divide addition subtraction multiplication division "
    "真 假 对 错 正 负 增 加 减 乘 除 升 降 优 缺 利 弊 男 女 左 右 高 低 大 小"
)
"""Words of which each has an opposite here."""
