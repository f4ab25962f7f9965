"""Tags: the smallest made-up example of each value in each language, stated categories, and wrong lexicons."""

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.oracles import TEXTS
from winnow.facts.subject import Settings
from winnow.facts.subjects.tags import SUBJECT
from winnow.facts.subjects.tags import tags as compute
from winnow.facts.tags import domains
from winnow.facts.tags.rules import decide, rules
from winnow.facts.tags.sources import categories, plain, stated
from winnow.facts.texts import COLUMNS, Texts, texts
from winnow.records.schema import RECORDS

PASSAGE = "The Tarn mill stood by the river for two hundred years. It ground oats until the flood of the spring. " * 3
ZH_PASSAGE = "这座磨坊在河边立了两百年，一直磨燕麦，直到那年春天发大水才停下来，村里人后来把它改成了仓库。" * 3


def batch(*rows: tuple[str, ...] | Mapping[str, object]) -> Texts:
    """Return the texts of rows given as (instruction, response, context) or as fields of a record."""
    table = []
    for number, row in enumerate(rows):
        asked, answered, context = (*row, "", "")[:3] if isinstance(row, tuple) else ("Go on", "Well.", "")
        turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
        fields = {"row_id": f"s:{number}", "source": "s", "kind": "sft", "metadata": "{}", "messages": turns}
        table.append({**fields, "context": context or None, **(row if isinstance(row, Mapping) else {})})
    return texts(pa.Table.from_pylist(table, RECORDS).select(COLUMNS))


def tags(texts: Texts, trust_source: bool = True) -> dict[str, pa.Array]:
    return compute(texts, Settings(3, 0, 0, trust_source))


def tag(field: str, *row: str) -> str:
    return str(tags(batch(row))[field][0])


TASKS = [
    ("generation", "Write a short story about a lighthouse keeper.", "The lamp went out at nine."),
    ("generation", "写一首关于灯塔的诗", "灯塔在雾里。"),
    ("generation", "给房东写一封信，说明水管坏了", "尊敬的房东：水管坏了。"),
    ("open_qa", "Why do leaves fall?", "Because the tree saves water in winter and lets them go."),
    ("open_qa", "为什么树会落叶？", "因为冬天要保存水分，所以树会让叶子落下。"),
    ("open_qa", "用简单的话解释潮汐", "潮汐是海水受月亮吸引而涨落。"),
    ("closed_qa", "When did the mill stop?", "In the spring of the flood.", PASSAGE),
    ("closed_qa", "根据这段文字回答问题：磨坊为什么停了？", "因为发大水。", ZH_PASSAGE),
    ("classification", "Classify these as fruit or tool: plum, saw, pear", "Fruit: plum, pear. Tool: saw."),
    ("classification", "Which of these are birds? Rook, newt, wren", "Rook and wren."),
    ("classification", "判断这句话的情感是正面还是负面：我很喜欢这家店", "正面"),
    ("summarization", "Summarize the text in one sentence.", "A mill worked until a flood.", PASSAGE),
    ("summarization", "总结下面的段落", "磨坊因大水停用，后来改成仓库。", ZH_PASSAGE),
    ("translation", "Translate into French: The cat sleeps.", "Le chat dort."),
    ("translation", "把“猫在睡觉”翻译成英语", "The cat is sleeping."),
    ("extraction", "Extract all place names from the text.", "Tarn", PASSAGE),
    ("extraction", "从下面的文本中提取所有地名", "河边", ZH_PASSAGE),
    ("rewriting", "Rewrite the sentence in the passive voice.", "The oats were ground.", "They ground the oats."),
    ("rewriting", "改写这句话，使其更礼貌：把门关上", "请您把门关上。"),
    ("brainstorming", "Give me five ideas for a rainy day.", "1. Bake\n2. Read\n3. Paint\n4. Knit\n5. Nap"),
    ("brainstorming", "想出三种节约用水的方法", "1. 短时间淋浴\n2. 修好水管\n3. 收集雨水"),
    ("reasoning", "Calculate 17 * 23.", "391"),
    ("reasoning", "Ann has 3 pens and buys 4 more. How many pens does she have?", "3 + 4 = 7, so she has 7 pens."),
    ("reasoning", "计算 17 乘以 23", "391"),
    ("code", "Write a Python function that reverses a list.", "```python\ndef f(x):\n    return x[::-1]\n```"),
    ("code", "用Python写一个反转列表的函数", "def f(x):\n    return x[::-1]"),
    ("role_play", "Act as a grumpy ferryman and greet me.", "You again. Sit down."),
    ("role_play", "请你扮演一位脾气不好的船夫，和我打招呼", "又是你。坐好。"),
    ("multimodal", "Describe the attached image.", "A red boat on a lake."),
    ("multimodal", "描述这张图片里的内容", "湖上有一条红色的船。"),
    ("chat", "Hello!", "Hello! How can I help?"),
    ("chat", "你好", "你好！"),
    ("other", "Zzyzx qwv.", "Ffo."),
]  # fmt: skip

DOMAINS = [
    ("science.mathematics", "Solve the quadratic equation.", "解这个方程"),
    ("science.physics", "Explain the momentum of an electron.", "解释量子和引力"),
    ("science.chemistry", "What does a catalyst do to a covalent molecule?", "化合物和催化剂是什么？"),
    ("science.biology", "How do enzymes and genes work in a cell?", "细胞里的基因有什么作用？"),
    ("science.medicine", "What are the symptoms of pneumonia?", "肺炎有哪些症状？"),
    ("science.astronomy", "How far is the nearest galaxy from the solar system?", "银河系里有黑洞吗？"),
    ("science.earth", "What causes an earthquake near a volcano?", "地震和火山有什么关系？"),
    ("science.computing", "How does a compiler differ from an operating system?", "操作系统和数据库有什么区别？"),
    ("science.engineering", "How does a turbine drive a generator?", "发动机和涡轮如何工作？"),
    ("humanities.history", "Describe the fall of the Roman Empire.", "唐朝和宋朝的历史"),
    ("humanities.philosophy", "What did Aristotle say of ethics?", "柏拉图的哲学讲什么？"),
    ("humanities.literature", "Who is the protagonist of the novel?", "分析小说的主人公"),
    ("humanities.language", "Is this noun a subject or a preposition?", "这个成语里哪个是动词？"),
    ("humanities.arts", "Which composer wrote the symphony for violin?", "交响曲里的小提琴"),
    ("humanities.education", "How should a teacher plan homework?", "老师怎样布置作业？"),
    ("humanities.politics", "How does parliament hold an election?", "议会如何举行选举？"),
    ("humanities.psychology", "What is cognitive bias in psychology?", "心理学中的认知是什么？"),
    ("humanities.geography", "Which peninsula lies on the equator?", "赤道附近有哪些半岛？"),
    ("business.finance", "Should I buy a bond or a mutual fund?", "股票和债券哪个好？"),
    ("business.economics", "How does inflation change GDP?", "通货膨胀怎样影响国内生产总值？"),
    ("business.management", "How can a startup improve its supply chain?", "企业如何改进供应链？"),
    ("business.marketing", "Plan a marketing campaign with influencers.", "制定品牌营销方案"),
    ("law", "Can a plaintiff sue over a trademark?", "原告可以就商标提起诉讼吗？"),
    ("health", "Which workout and diet help me lose weight?", "怎样锻炼才能减肥？"),
    ("daily.food", "Give me a recipe for tomato soup.", "番茄炒鸡蛋的食谱"),
    ("daily.travel", "Which hotel is near the airport?", "机场附近有什么酒店？"),
    ("daily.sport", "Who won the tennis championship?", "篮球比赛的冠军是谁？"),
    ("daily.entertainment", "Which actor is in the sitcom?", "这部电视剧的演员是谁？"),
    ("daily.home", "How do I clean the sofa in my living room?", "怎样打扫客厅的沙发？"),
    ("daily.relationships", "What should I give my wife for our anniversary?", "妻子生日怎么约会？"),
    ("daily.work", "How do I prepare for a job interview?", "面试前怎样准备简历？"),
    ("general", "What is that?", "这个是什么？"),
]  # fmt: skip

FREIGHT = "Rail needs less fuel for each ton, but it reaches fewer places than roads do, and slowly."
ZH_FREIGHT = "铁路每吨耗能较少，但公路能到达更多地方，而且更灵活，所以两者各有各的用处，要看货物和距离。"
DIFFICULTIES = [
    ("simple_fact", "What is the capital of Peru?", "Lima."),
    ("simple_fact", "秘鲁的首都是哪里？", "利马。"),
    ("analysis", "Compare rail and road freight.", FREIGHT),
    ("analysis", "比较铁路和公路运输的优缺点", ZH_FREIGHT),
    ("complex", "Write a story about a ferryman.", "Once there was a ferryman. " * 20),
    ("complex", "写一篇关于船夫的小说", "从前有一个船夫，他每天清晨都在雾中等待渡河的人。" * 10),
]  # fmt: skip

FORMS = [
    ("direct_question", "How deep is the lake?"),
    ("direct_question", "这个湖有多深？"),
    ("role_play", "Pretend to be a ferryman and take my fare."),
    ("role_play", "请你扮演一位船夫"),
    ("step_guided", "Explain step by step how to tie a reef knot."),
    ("step_guided", "一步一步说明怎样打平结"),
    ("multi_step", "First list three knots, then explain which is the strongest."),
    ("multi_step", "什么是平结？它有什么用处？"),
    ("instruction", "Name a knot."),
    ("instruction", "列出三种绳结"),
]


@pytest.mark.parametrize(("task", "row"), [(first, rest) for first, *rest in TASKS])
def test_a_task_type_is_known_by_its_smallest_example(task: str, row: list[str]) -> None:
    assert tag("task", *row) == task


@pytest.mark.parametrize(("domain", "english", "chinese"), DOMAINS)
def test_a_domain_is_known_by_its_terms_in_both_languages(domain: str, english: str, chinese: str) -> None:
    assert tag("domain", english, "Yes.") == domain
    assert tag("domain", chinese, "是的。") == domain


@pytest.mark.parametrize(("difficulty", "instruction", "response"), DIFFICULTIES)
def test_difficulty(difficulty: str, instruction: str, response: str) -> None:
    assert tag("difficulty", instruction, response) == difficulty


@pytest.mark.parametrize(("form", "instruction"), FORMS)
def test_form(form: str, instruction: str) -> None:
    assert tag("form", instruction, "So it is.") == form


def test_every_value_has_an_example_here() -> None:
    assert {task for task, *_ in TASKS} == set(rules("task").labels)
    assert {domain for domain, *_ in DOMAINS} == set(domains.terms().labels)
    assert {difficulty for difficulty, *_ in DIFFICULTIES} == set(rules("difficulty").labels)
    assert {form for form, *_ in FORMS} == set(rules("form").labels)


def test_polite_words_do_not_hide_what_is_asked() -> None:
    assert tag("task", "Could you please translate this into German?", "Ja.") == "translation"
    assert tag("task", "请帮我翻译成德语：好", "Gut.") == "translation"


def test_a_picture_in_the_context_is_needed_and_a_program_for_pictures_is_not() -> None:
    assert tag("task", "Say what you see.", "A boat.", "![boat](https://example.org/boat.png)") == "multimodal"
    assert tag("task", "Write a Python program to resize this image.", "```python\nresize()\n```") == "code"


def test_the_sources_category_is_the_task_type_unless_it_is_not_trusted() -> None:
    asked = [{"role": "user", "content": "Calculate 2 + 2."}, {"role": "assistant", "content": "4"}]
    rows = [
        {"metadata": json.dumps({"category": category}), "messages": asked}
        for category in ("Creative_Writing", "x", None)
    ]
    trusted, untrusted = tags(batch(*rows)), tags(batch(*rows), trust_source=False)
    assert trusted["task"].to_pylist() == ["generation", "reasoning", "reasoning"]
    assert trusted["task_from"].to_pylist() == ["source", "rules", "rules"]
    assert trusted["task_confidence"][0].as_py() == 1.0
    assert untrusted["task"].to_pylist() == ["reasoning"] * 3
    assert untrusted["task_from"].to_pylist() == ["rules"] * 3
    assert untrusted["task_confidence"][0].as_py() < 1.0


@pytest.mark.parametrize(
    ("metadata", "task"),
    [
        ({"category": "information_extraction"}, "extraction"),
        ({"category": "general_qa"}, "open_qa"),
        ({"category": "math"}, "reasoning"),
        ({"category": "fermi"}, "reasoning"),
        ({"instruction_type": "Open QA"}, "open_qa"),
        ({"Categories": ["Never heard of", "Translation"]}, "translation"),
        ({"is_classification": True}, "classification"),
        ({"is_classification": False}, None),
        ({"_task_name": "wmt16_translate/de-en:1.0.0"}, "translation"),
        ({"task": "gsm8k:1.0.0"}, "reasoning"),
        ({"task_name": "rte:1.0.0"}, "classification"),
        ({"task_name": "rterm"}, None),
        ({"note": {"category": "math"}}, None),
        ({"category": 3}, None),
    ],
)
def test_categories_of_known_sets(metadata: dict[str, object], task: str | None) -> None:
    assert stated(pa.array([json.dumps(metadata), "{}"])).tolist() == [task, None]


def test_no_category_is_hidden_by_the_spelling_of_another() -> None:
    known = categories()
    assert known.exact["category"][plain("closed_qa")] == "closed_qa"
    assert all(task in rules("task").labels for exact in known.exact.values() for task in exact.values())


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=6), st.integers(0, 6))
@settings(max_examples=25, deadline=None)
def test_a_row_has_the_same_tags_in_any_batch(rows: list[tuple[str, str, str]], at: int) -> None:
    together = pa.table(tags(batch(*rows)), schema=pa.schema(SUBJECT.fields))
    apart = [pa.table(tags(batch(*half)), schema=pa.schema(SUBJECT.fields)) for half in (rows[:at], rows[at:])]
    assert together.equals(pa.concat_tables(apart))
    assert together.num_rows == len(rows)
    for column in together.columns:
        assert column.null_count == 0
        if pa.types.is_floating(column.type):
            assert all(0.0 <= value <= 1.0 and value == round(value, 3) for value in column.to_pylist())


def test_confidence_falls_with_a_rival_and_grows_with_evidence() -> None:
    sums = np.array([[1.0, 0.0], [4.0, 0.0], [4.0, 3.0], [4.0, -9.0]])
    alone, strong, rivalled, against = decide(sums, ("a", "b"), "b", 1.0).confidence
    assert rivalled < strong == against
    assert alone < strong


def test_terms_are_whole_words_with_plurals_and_a_term_of_two_domains_counts_for_both() -> None:
    labels = {"a": {"en": ["bat"], "zh": ["蝙蝠"]}, "b": {"en": ["bat", "night bat"]}, "c": None}
    known = domains.parse({"fallback": "c", "doubt": 1, "least": 1, "in_prompt": 1, "labels": labels})
    rows = batch(("two bats",), ("a battery",), ("一只蝙蝠",), ("蝙 bird 蝠",), ("a Night Bat",), ("at night, bats",))
    tagged = domains.domains(rows, np.full(6, "other", dtype=object), known)
    assert tagged.labels.tolist() == ["a", "c", "a", "c", "b", "b"]
    assert tagged.confidence[0] == 0.0  # a tie
