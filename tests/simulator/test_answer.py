"""Answers: in the language and form of the question, about its subject, as long as wished, and plainly simulated."""

from __future__ import annotations

import csv
import re

import pytest

from core.batch import example
from core.insight.naming import names_a_model
from core.records import Message
from core.simulator import prompt, tokens
from core.simulator.answer import NOTICE, PROSE, write
from core.simulator.models import PROFILES

STYLES = ("quick", "steady", "slow", "flaky", "thinker")
QUESTIONS = {
    "greeting": ("Hello!", "你好！"),
    "code": ("Write a Python function that reads a file.", "用 Python 写一个读文件的函数"),
    "maths": ("Solve x^2 + 3x + 2 = 0", "求解方程 x^2 = 2"),
    "table": ("Compare cats and dogs in a table.", "比较猫和狗的区别"),
    "story": ("Tell me a story about a lighthouse.", "讲一个关于灯塔的故事"),
    "summary": ("Summarize the plot of Hamlet.", "总结一下《红楼梦》"),
    "list": ("How do I learn Rust?", "如何学习 Rust？"),
    "translate": ("Translate good morning to French.", "把“早上好”翻译成法语"),
    "diagram": ("Draw a flowchart of making tea.", "画一张泡茶的流程图"),
    "csv": ("Give me a CSV of the planets.", "用 CSV 列出行星"),
    "json": ("Describe a book as JSON.", "用 JSON 描述一本书"),
    "footnotes": ("Explain tides with footnotes.", "用脚注解释潮汐"),
    "arabic": ("Write a greeting in Arabic.", "用阿拉伯语写一句问候"),
    "hebrew": ("Answer in Hebrew: what is rain?", "用希伯来语回答"),
    "explain": ("Why is the sky blue?", "介绍一下量子纠缠"),
}
EVERY = [(kind, question) for kind, pair in QUESTIONS.items() for question in pair]


def ask(*turns: str) -> tuple[Message, ...]:
    return tuple(Message("assistant" if place % 2 else "user", text) for place, text in enumerate(turns))


@pytest.mark.parametrize(("kind", "question"), EVERY)
def test_the_kind_of_question_is_seen(kind: str, question: str) -> None:
    assert prompt.read(ask(question)).kind == kind


@pytest.mark.parametrize(("kind", "question"), EVERY)
@pytest.mark.parametrize("style", STYLES)
def test_every_answer_says_first_that_it_is_simulated_and_leaves_no_field_open(
    kind: str, question: str, style: str
) -> None:
    chinese = bool(re.search(r"[\u4e00-\u9fff]", question))
    for variant in range(4):
        written = write(ask(question), style, variant)
        assert written.text.startswith(NOTICE[chinese] + "\n\n")
        assert len(written.text) > len(NOTICE[chinese]) + 20
        assert not re.search(r"\{(subject|Subject|label|shape|first|second|previous|turn|code|snippet)", written.text)
        assert bool(written.reasoning) == (style == "thinker")


@pytest.mark.parametrize(
    ("question", "form"),
    [
        (QUESTIONS["code"][0], r"```python\n"),
        ("Write a SQL query for the last order.", r"```sql\n"),
        (QUESTIONS["table"][0], r"\|---\|---\||\|:---\|"),
        (QUESTIONS["maths"][0], r"\$\$.+\$\$"),
        (QUESTIONS["list"][0], r"(?m)^(1\.|-) "),
        (QUESTIONS["table"][1], r"猫.*狗"),
        (QUESTIONS["diagram"][0], r"```mermaid\n(flowchart|sequenceDiagram)[^`]*making tea"),
        (QUESTIONS["csv"][0], r"```csv\n\w+,"),
        (QUESTIONS["json"][1], r"```json\n[\[{]"),
        (QUESTIONS["footnotes"][0], r"\[\^1\][^:][\s\S]*\n\[\^1\]: |\[\^start\]: "),
        (QUESTIONS["arabic"][0], r"[\u0621-\u064a]{3}"),
        (QUESTIONS["hebrew"][1], r"[\u05d0-\u05ea]{3}"),
    ],
)
@pytest.mark.parametrize("style", STYLES)
def test_the_form_fits_the_question(question: str, form: str, style: str) -> None:
    assert re.search(form, write(ask(question), style, 0).text)


@pytest.mark.parametrize(("kind", "question"), EVERY)
def test_four_columns_read_differently(kind: str, question: str) -> None:
    variants = {"flaky": 1}
    texts = {write(ask(question), style, variants.get(style, 0)).text for style in STYLES}
    assert len(texts) == len(STYLES)


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Explain how tides work.", "how tides work"),
        ("Can you tell me about the French Revolution? Thanks!", "the French Revolution"),
        ("Write a 2000 words essay about the history of tea", "the history of tea"),
        ("What is 12*7?", "12 × 7"),
        ("请介绍一下量子纠缠", "量子纠缠"),
        ("写一篇关于茶的详细文章", "茶"),
        ("tell me about **bold** `code` <b>\nand more", "bold code b"),
        ("Explain rivers to a child in three sentences, please.", "rivers"),
        ("Compare tea and coffee in a table", "tea and coffee"),
        ("用一句话介绍一下杭州", "杭州"),
        ("Table, please", "Table"),
        ("Draw a flow chart of making tea", "making tea"),
        ("Explain tides with footnotes.", "tides"),
        ("画一张泡茶的流程图", "泡茶"),
        ("???", "your question"),
    ],
)
def test_the_subject_is_echoed_without_markup(question: str, subject: str) -> None:
    assert prompt.read(ask(question)).subject == subject


def test_a_follow_up_refers_to_the_turn_before() -> None:
    text = write(ask("Explain tides.", "…", "And the moon?"), "steady", 0).text
    assert "question is" not in text
    assert "Turn 2" in text
    assert "“tides”" in text
    assert "the moon" in text


def test_a_chinese_conversation_goes_on_in_chinese() -> None:
    assert "第 2 轮" in write(ask("什么是潮汐？", "…", "那月亮呢？"), "steady", 0).text


@pytest.mark.parametrize(
    ("question", "least", "most"),
    [
        ("Write 2000 words about tea.", 2300, 3000),
        ("Write a long text about tea.", 1500, 2000),
        ("写一篇2000字关于茶的文章", 1800, 2200),
        ("Write 50,000 words about tea.", 2500, 3000),
    ],
)
@pytest.mark.parametrize("style", STYLES)
def test_a_long_answer_is_long(question: str, least: int, most: int, style: str) -> None:
    assert least <= tokens.count(write(ask(question), style, 0).text) <= most


@pytest.mark.parametrize("language", ["en", "zh"])
def test_python_samples_are_valid(language: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (PROSE / language / "code.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        compile(block, language, "exec")


EXAMPLES = re.findall(
    r"^=== question (\w+)\n(.+)$",
    "".join(path.read_text("utf-8") for path in sorted(PROSE.glob("*/examples*.md"))),
    re.MULTILINE,
)


def test_both_languages_have_the_same_examples() -> None:
    names = [name for name, _ in EXAMPLES]
    assert len(names) == 34
    assert {name: names.count(name) for name in names} == dict.fromkeys(names, 2)


@pytest.mark.parametrize(("name", "question"), EXAMPLES)
def test_an_example_is_answered_in_full_by_each_model_in_its_own_manner(name: str, question: str) -> None:
    written = {style: write(ask(question), style, int(style == "flaky"), in_app=True) for style in STYLES}
    assert len({answer.text for answer in written.values()}) == len(STYLES)
    assert len(written["quick"].text) < len(written["slow"].text)
    assert [style for style in STYLES if written[style].reasoning] == ["thinker"]
    for style, answer in written.items():
        assert answer.text.startswith(NOTICE[bool(re.search(r"[\u4e00-\u9fff]{4}", question))] + "\n\n"), (name, style)
        assert write(ask(question), style, 0).text != write(ask(f"{question} And why?"), style, 0).text


@pytest.mark.parametrize(("name", "question"), [pair for pair in EXAMPLES if pair[0] in ("intervals", "add")])
@pytest.mark.parametrize("style", STYLES)
def test_the_code_of_the_examples_runs(name: str, question: str, style: str) -> None:
    for variant in range(2):
        blocks = re.findall(r"```python\n(.*?)```", write(ask(question), style, variant).text, re.DOTALL)
        exec("\n".join(blocks), {})  # our own text; its assertions are the test


def test_the_example_batch_is_answered_as_expected_but_for_a_poem() -> None:
    with example.FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missed = {
        (row["expected"], style)
        for row in rows
        for style in ("quick", "steady", "thinker")
        if row["expected"].casefold() not in write(ask(row["prompt"]), style, 0, in_app=True).text.casefold()
    }
    assert missed == {("sea", "quick"), ("月亮", "quick")}


def test_an_example_is_known_without_its_marks_and_capitals() -> None:
    question = next(question for name, question in EXAMPLES if name == "rent")
    assert write(ask(f" {question.lower().rstrip('.')}"), "steady", 0) == write(ask(question), "steady", 0)


@pytest.mark.parametrize("language", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_the_app_says_honestly_that_it_cannot_answer_and_how_to_ask_a_real_model(language: bool, style: str) -> None:
    question = "什么是潮汐？" if language else "What is a tide?"
    text, page = write(ask(question), style, 0, in_app=True).text, "**服务商**" if language else "**Providers**"
    assert page in text
    assert page not in write(ask(question), style, 0).text  # a client of the served simulator has no such page
    assert page not in write(ask("你好" if language else "Hello"), style, 0, in_app=True).text


@pytest.mark.parametrize(("name", "question"), [*EXAMPLES, ("other", "What is a tide?"), ("other", "什么是潮汐？")])
def test_a_blind_comparison_learns_no_name_from_these_answers(name: str, question: str) -> None:
    for style in STYLES:
        for variant in range(2):
            text = write(ask(question), style, variant, in_app=True).text
            assert not re.search(rf"(?<![\w-])(?:sim/\w*|{'|'.join(PROFILES)}|Demo)(?![\w-])", text)
            assert not names_a_model(text, (*PROFILES, "Demo", "演示"))
