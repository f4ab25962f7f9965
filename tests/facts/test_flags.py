"""The smallest rows with each flag, and those that nearly have it; the errors of a wrong lexicon."""

import json
import random
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts.rows import texts_of
from winnow.facts.flags import echo
from winnow.facts.subject import Settings
from winnow.facts.subjects.flags import SUBJECT, flags, meanings

LONG = (
    "The heron is a wading bird of lakes and slow rivers. It stands still for an hour and strikes when a fish comes "
    "close enough. Young herons leave the nest after some fifty days and rarely return to it. In winter the birds move "
    "to open water, where they stand in small groups at the edge of the ice. They nest in tall trees, often dozens of "
    "pairs in one wood, and repair last year's nest with a few new sticks. A pair shares the brooding of four or five "
    "pale blue eggs, and both bring fish in their crops. Ringed birds have lived for more than twenty years, and most "
    "of them come back to the wood in which they were hatched."
)
YES, NO = True, False
SETTINGS = Settings(cjk_weight=3, audit_share=0, seed=0)

# flag, whether the row has it, instruction, context, response
CASES = [
    ("refusal", YES, "Draw a heron.", "", "As an AI language model, I cannot draw pictures."),
    ("refusal", YES, "Draw a heron.", "", "I'm sorry, but I am unable to create images."),
    ("refusal", YES, "Draw a heron.", "", "Sorry, this task involves drawing, which the model cannot do."),
    ("refusal", YES, "Count the herons.", "", "No image was provided, so nothing can be counted."),
    ("refusal", YES, "画一只苍鹭。", "", "抱歉，作为一个人工智能，我无法画画。"),
    ("refusal", YES, "数一数有几只鸟。", "", "对不起，您没有提供图片。"),
    ("refusal", NO, "Reply to a customer whose parcel is late.", "", "I'm sorry, I cannot say when it will arrive."),
    ("refusal", NO, "Write a story about a guard.", "", '"I cannot let you in," said the guard.'),
    ("refusal", NO, "What can a bird do?", "", "As an AI language model, I can tell you that birds fly."),
    ("refusal", NO, "Name a limit of GPT models.", "", "GPT models cannot see."),
    ("refusal", NO, "Is ice an energy source?", "", "Energy cannot be created by melting ice."),
    ("refusal", NO, "写一封道歉信。", "", "对不起，我无法参加明天的会议。"),
    ("refusal_weak", YES, "Reply to a customer whose parcel is late.", "", "We apologize for the delay."),
    ("refusal_weak", YES, "写一封道歉信。", "", "非常抱歉，我昨天迟到了。"),
    ("refusal_weak", NO, "Draw a heron.", "", "I'm sorry, but I am unable to create images."),
    ("needs_attachment", YES, "What is on it?", "[image]", "A heron."),
    ("needs_attachment", YES, "What is on it?", "(attached picture)", "A heron."),
    ("needs_attachment", YES, "What is on it?", "https://pics.example/heron.jpg", "A heron."),
    ("needs_attachment", YES, "Write a caption for the following photo.", "", "A bird at dawn."),
    ("needs_attachment", YES, "描述这张照片。", "", "一只鸟站在水里。"),
    ("needs_attachment", YES, "它是什么？", "[图片]", "一只苍鹭。"),
    ("needs_attachment", NO, "Write a caption for the following photo: a heron at dawn.", "", "First light."),
    ("needs_attachment", NO, "How do I crop this photo in Python?", "", "Use a slice of the array."),
    ("needs_attachment", NO, "What is a photo?", "A photo is a picture made by light.", "A picture."),
    ("needs_attachment", NO, "描述《星空》这幅画。", "", "夜空里有旋涡。"),
    ("needs_link", YES, "Summarize the article.", "https://news.example/2020/herons-return", "Herons return."),
    ("needs_link", YES, "Summarize https://news.example/2020/herons", "", "Herons return."),
    ("needs_link", YES, "总结文章。", "https://news.example/2020/herons", "苍鹭回来了。"),
    ("needs_link", NO, "Shorten the link.", "https://news.example/2020/herons", "https://s.example/h"),
    ("needs_link", NO, "Name the domain.", "https://news.example/2020/herons", "news.example"),
    ("needs_link", NO, "Summarize.", f"{LONG} See https://news.example/h", "Herons wait."),
    ("placeholder", YES, "Design a logo.", "", "<noinput> A blue bird."),
    ("placeholder", YES, "Design a logo.", "", "N/A"),
    ("placeholder", YES, "Design a logo.", "", "TODO"),
    ("placeholder", YES, "Write a paragraph.", "", "Lorem ipsum dolor sit amet."),
    ("placeholder", YES, "设计标志。", "", "待定"),
    ("placeholder", NO, "Write a lorem ipsum filler.", "", "Lorem ipsum dolor sit amet."),
    ("placeholder", NO, "Write a letter.", "", "Dear [name], thank you."),
    ("placeholder", NO, "它输出什么？", "", "输出是三。"),
    ("placeholder_context", YES, "Summarize the text.", "[insert text here]", "A text."),
    ("placeholder_context", YES, "总结文章。", "[插入文章]", "一篇文章。"),
    ("placeholder_context", NO, "Sort the numbers.", "[3, 1, 2]", "1, 2, 3"),
    ("echo", YES, "What is a grey heron?", "", "What is a grey heron?"),
    ("echo", YES, "What is a heron?", LONG, LONG),
    ("echo", YES, "苍鹭是什么？", "", "苍鹭是什么？"),
    ("echo", NO, "Correct the mistakes.", LONG, LONG),
    ("echo", NO, "Repeat: what is a grey heron?", "", "What is a grey heron?"),
    ("echo", NO, "What is a heron?", LONG, "The heron is a wading bird of lakes and slow rivers."),
    ("echo", NO, "Is a heron a wading bird of lakes?", "", "Yes, a heron is a wading bird of lakes."),
    (
        "truncated",
        YES,
        "Tell of herons.",
        "",
        f"{LONG} It is found in most of Europe and in large parts of Asia and the",
    ),
    ("truncated", YES, "Tell of herons.", "", f"{LONG}\n14."),
    ("truncated", YES, "When were they counted?", "", "The herons of the lake were last counted in March 20"),
    ("truncated", YES, "Add two numbers.", "", "```python\ndef add(a,"),
    ("truncated", YES, "介绍苍鹭。", "", "苍鹭是一种水鸟。它常常站在浅水里等待小鱼，也会吃青蛙，例如"),
    ("truncated", NO, "Name a colour.", "", "blue"),
    ("truncated", NO, "Write a title about herons.", "", "The Long Wait of the Grey Heron in the Reeds and the"),
    ("truncated", NO, "Tell of herons.", "", LONG.rstrip(".")),
    (
        "truncated",
        NO,
        "What is it?",
        "",
        f"{LONG} Few people who see a heron for the first time know what it really is",
    ),
    ("truncated", NO, "How many herons are there?", "", "I counted the herons at the lake, and the number is 20"),
    ("truncated", NO, "Add two numbers.", "", "```python\na + b\n```"),
    ("truncated", NO, "有几种？", "", "苍鹭、白鹭和夜鹭"),
    (
        "wrong_language",
        YES,
        "介绍一下苍鹭的生活习性和分布。",
        "",
        "The heron is a wading bird that lives at lakes and slow rivers.",
    ),
    ("wrong_language", YES, "Tell me where herons live.", "", "苍鹭生活在湖边和缓慢的河流旁边，以小鱼为食。"),
    ("wrong_language", NO, "把苍鹭的介绍翻译成英文。", "", "The heron is a wading bird that lives at lakes."),
    ("wrong_language", NO, "Say in Chinese where herons live.", "", "苍鹭生活在湖边和缓慢的河流旁边。"),
    ("wrong_language", NO, "写一个求和的例子。", "", "def add(a, b):\n    return a + b  # the sum of the two numbers"),
    ("next_task", YES, "Name a bird.", "", "A heron.\n12. Instruction: Name a fish."),
    ("next_task", YES, "说出一种鸟。", "", "苍鹭。\n12. 指令：说出一种鱼。"),
    ("next_task", NO, "Cook rice.", "", "Rice\n\nInstructions:\n1. Boil water."),
    ("next_task", NO, "Write two tasks.", "", "1. Task: sing.\n2. Task: dance."),
    ("missing_input", YES, "Summarize the following article.", "", "It is about birds."),
    ("missing_input", YES, "Correct this sentence.", "", "He goes home."),
    ("missing_input", YES, "总结以下文章。", "", "它讲的是鸟。"),
    ("missing_input", NO, "Summarize the following article.", LONG, "It is about birds."),
    ("missing_input", NO, "Correct the following sentence: he go home.", "", "He goes home."),
    ("missing_input", NO, "Is the following statement true? Herons swim.", "", "Some do."),
    ("missing_input", NO, "Sort the following numbers 3 1 2.", "", "1, 2, 3"),
    ("missing_input", NO, "Write a function that sorts the given list.", "", "sorted(x)"),
    ("missing_input", NO, "总结以下文章：苍鹭是水鸟。", "", "鸟。"),
    ("boilerplate", YES, "Name a bird.", "", "Sure! A heron."),
    ("boilerplate", YES, "说出一种鸟。", "", "当然，苍鹭。"),
    ("boilerplate", NO, "Am I right?", "", "Surely you are."),
    ("lost_escapes", YES, "Write it.", "", "$x$ and \boo{y}"),
    ("lost_escapes", YES, "What is $\boo{y}$?", "", "7"),
    ("lost_escapes", YES, "写出公式。", "", "公式是 $x$ 和 \boo{y}。"),
    ("lost_escapes", NO, "Write it.", "", "As a table:\nx\ty"),
    ("placeholder", NO, "Which mark stands for an empty field?", "", "`<noinput>` stands for it."),
    ("unanswerable_now", YES, "What is the weather like in Oslo today?", "", "It is sunny."),
    ("unanswerable_now", YES, "今天天气怎么样？", "", "晴天。"),
    ("unanswerable_now", NO, "What is weather?", "", "The state of the air."),
]

TABLE = json.loads((Path(__file__).parents[1] / "cases" / "flags.json").read_text(encoding="utf-8"))
"""More of them, for anybody to extend: flag, whether the row has it, its texts, perhaps a comment."""


def flags_of(rows: list[tuple[str, str, str]]) -> list[list[str]]:
    names: list[list[str]] = flags(texts_of(rows), SETTINGS)["flags"].to_pylist()
    return names


def test_the_smallest_rows_that_have_a_flag_and_those_that_nearly_do() -> None:
    flagged = flags_of([(case[2], case[3], case[4]) for case in CASES])
    wrong = [case for case, names in zip(CASES, flagged, strict=True) if (case[0] in names) != case[1]]
    assert wrong == []


def test_the_rows_of_the_table_have_a_flag_or_not() -> None:
    flagged = flags_of([(case["instruction"], case.get("context", ""), case["response"]) for case in TABLE])
    wrong = [case for case, names in zip(TABLE, flagged, strict=True) if (case["flag"] in names) != case["has"]]
    assert wrong == []


def has_it() -> list[tuple[str, str]]:
    """Return flag and instruction of the rows of the table that have a flag."""
    return [(case["flag"], case["instruction"]) for case in TABLE if case["has"]]


def test_each_flag_has_a_row_in_both_languages() -> None:
    listed = [*((flag, asked) for flag, yes, asked, _, _ in CASES if yes), *has_it()]
    covered = {(flag, any("一" <= sign <= "鿿" for sign in asked)) for flag, asked in listed}
    missing = {(flag, zh) for flag in meanings() for zh in (False, True)} - covered
    assert missing == set()


def test_columns_are_as_declared_and_names_are_sorted() -> None:
    columns = flags(texts_of([("Draw a heron.", "[image]", "N/A"), ("Name a bird.", "", "Heron")]), SETTINGS)
    assert [(name, column.type) for name, column in columns.items()] == [(f.name, f.type) for f in SUBJECT.fields]
    assert columns["flags"].to_pylist() == [["needs_attachment", "placeholder"], []]
    assert flags_of([]) == []


def test_other_languages_have_no_flag() -> None:
    rows = [("¿Dónde viven las garzas?", "", "Viven junto a los lagos."), ("Где живут цапли?", "", "У озёр и рек.")]
    assert flags_of(rows) == [[], []]


def test_a_row_has_the_same_flags_in_any_batch() -> None:
    rows = [(case[2], case[3], case[4]) for case in CASES]
    order = list(range(len(rows)))
    random.Random(1).shuffle(order)
    whole, shuffled = flags_of(rows), flags_of([rows[at] for at in order])
    assert [whole[at] for at in order] == shuffled
    assert [names for row in rows[:12] for names in flags_of([row])] == whole[:12]


WORDS = st.lists(st.sampled_from(["heron", "lake", "fish", "reed", "wing", "鸟", "湖", "鱼"]), min_size=5, max_size=30)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS)
def test_echo_is_the_share_of_pairs_counted_with_repeats(asked: list[str], answered: list[str]) -> None:
    shares = echo.echo_shares(texts_of([(" ".join(asked), "", " ".join(answered))]))
    left, right = (list(pairwise(words)) for words in (asked, answered))
    same = sum(min(left.count(pair), right.count(pair)) for pair in set(left))
    share = same / max(len(left), len(right))
    assert shares[0, 0] == (round(share, 3) if share >= echo.FLOOR else 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60)), max_size=5))
def test_any_text_passes(rows: list[tuple[str, str, str]]) -> None:
    clean = [tuple(part.encode("utf-8", "ignore").decode() for part in row) for row in rows]
    flagged = flags_of([(a, b, c) for a, b, c in clean])
    assert all(names == sorted(set(names)) and set(names) <= set(meanings()) for names in flagged)
