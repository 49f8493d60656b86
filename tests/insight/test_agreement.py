"""Agreement, by cases made by hand in English and Chinese, and by what must hold for any text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.insight.agreement import Agreement, agree

SAME = [
    ("The tower is 330 m tall.", "The tower is 0.33 km tall."),
    ("It has 1,234,567 rows.", "It has 1234567 rows."),
    ("It has 1.234.567 rows.", "It has 1,234,567 rows."),
    ("Inflation was 3.5%.", "Inflation was 3.5 percent."),
    ("Use 50% of the flour first.", "Use 1/2 of the flour first."),
    ("Use half a cup: 0.5 of the flour.", "Use half a cup: ½ of the flour."),
    ("The city has about 8 million people.", "The city has 8.04 million people."),
    ("The film costs $12.5 million.", "The film costs 12,500,000 dollars."),
    ("There are twenty-one stations on the line.", "There are 21 stations on the line."),
    ("The flight takes 2 hours.", "The flight takes 120 minutes."),
    ("The war ended on 2 September 1945.", "The war ended on September 2, 1945."),
    ("The war ended in 1945.", "The war ended on 2 September 1945."),
    ("Rome fell in 476 AD to the Goths.", "Rome fell in 476 AD to the Goths."),
    ("里昂人口约52万。", "里昂的人口为516092人。"),
    ("全市共有１，２３４家书店。", "全市共有1234家书店。"),
    ("约有百分之三十的人支持这一政策。", "支持这一政策的人约占 30%。"),
    ("支持这一政策的人占三成。", "支持这一政策的人占30%。"),
    ("工厂每年生产三百二十吨钢材。", "工厂每年生产320吨钢材。"),
    ("公司市值达1.4万亿元。", "公司市值达14000亿元。"),
    ("会议在2024年3月5日举行。", "会议于 2024-03-05 举行。"),
    ("长城始建于公元前221年。", "长城始建于公元前 221 年。"),
    ("He was born on 5 March 1920 in Paris.", "He was born in Paris on March 5th, 1920."),
]
NUMBERS = [
    ("The tower is 330 m tall.", "The tower is 300 m tall.", "330 m", "300 m"),
    ("Lyon has a population of 522,000.", "The population of Lyon is 516,092.", "522,000", "516,092"),
    ("There are 8 planets in the solar system.", "There are nine planets in the solar system.", "8", "nine"),
    ("Use 50% of the flour.", "Use 0.4 of the flour.", "50%", "0.4"),
    ("The lake is 10-20 km wide.", "The lake is 10 to 25 km wide.", "20 km", "25 km"),
    ("里昂人口约52万。", "里昂的人口为61万人。", "52万", "61万"),
    ("这座桥全长三千米。", "这座桥全长3500米。", "三千米", "3500米"),
    ("公司市值达1.4万亿元。", "公司市值达1.4亿元。", "1.4万亿元", "1.4亿元"),
]
DATES = [
    ("The treaty was signed in 1992.", "The treaty was signed in 1993.", "1992", "1993"),
    (
        "The treaty was signed on 7 February 1992.",
        "The treaty was signed on 1992-02-17.",
        "7 February 1992",
        "1992-02-17",
    ),
    ("会议在2024年3月5日举行。", "会议于 2024-03-06 举行。", "2024年3月5日", "2024-03-06"),
    ("长城始建于公元前221年。", "长城始建于公元前700年。", "公元前221年", "公元前700年"),
    ("二〇二四年举办奥运会。", "2028年举办奥运会。", "二〇二四年", "2028年"),
]
NEITHER = [  # alike in form, about something else: no contradiction
    ("1. Wash the rice.\n2. Boil the rice.", "1. Wash the rice.\n3. Boil the rice."),
    ("See figure 2 for the layout of the house.", "See figure 3 for the layout of the house."),
    ("In 2020 sales grew by 5%.", "In 2021 sales grew by 7%."),
    ("The lake is 10 km long.", "The lake is 10 km long and 3 km wide."),
    ("Install version 3.11.2 of the package.", "Install version 3.12.1 of the package."),
    ("Cats sleep 15 hours.", "Rent a boat for 20 dollars."),
    ("这座桥不但长，而且宽。", "这座桥长而且宽。"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_the_same_in_another_form(left: str, right: str) -> None:
    agreement = agree([left, right])
    assert agreement.clashes == ()
    assert agreement.overall == 1.0
    assert [[claim.text for claim in shared.claims] for shared in agreement.shared] == [[left, right]]
    assert agreement.alone == ()


@pytest.mark.parametrize(
    ("kind", "left", "right", "left_value", "right_value"),
    [("number", *case) for case in NUMBERS] + [("date", *case) for case in DATES],
)
def test_a_contradiction(kind: str, left: str, right: str, left_value: str, right_value: str) -> None:
    agreement = agree([left, right])
    assert [(clash.kind, [(claim.lane, claim.text) for claim in clash.claims]) for clash in agreement.clashes] == [
        (kind, [(0, left), (1, right)])
    ]
    values = [claim.value for claim in agreement.clashes[0].claims]
    assert left_value in values[0]
    assert right_value in values[1]
    assert agreement.shared == ()
    assert agreement.overall == 0.0


@pytest.mark.parametrize(("left", "right"), NEITHER)
def test_no_contradiction_where_there_is_none(left: str, right: str) -> None:
    assert agree([left, right]).clashes == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Yes, you can eat it raw.", "No. It is poisonous."),
        ("Short answer: yes.", "The answer is no."),
        ("*Notice.*\n\n**Yes** — it is safe.", "False: it is not safe at all."),
        ("是的，可以吃。", "不可以，吃了有毒。"),
        ("答案是：对。", "不对，地球绕太阳转。"),
    ],
)
def test_a_yes_against_a_no(left: str, right: str) -> None:
    verdict = agree([left, right]).clashes[0]
    assert (verdict.kind, [claim.value for claim in verdict.claims]) == ("verdict", ["yes", "no"])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Yesterday was fine.", "No doubt it was fine."),
        ("No one knows the reason.", "Yes, it is known."),
        ("对于初学者来说很难。", "不同的人看法不同。"),
    ],
)
def test_a_word_that_only_looks_like_a_verdict(left: str, right: str) -> None:
    assert [clash.kind for clash in agree([left, right]).clashes if clash.kind == "verdict"] == []


def test_a_sentence_against_its_negation() -> None:
    agreement = agree(["Python is a compiled language.", "Python is not a compiled language."])
    assert [clash.kind for clash in agreement.clashes] == ["negation"]
    assert [clash.kind for clash in agree(["企鹅会飞行很远。", "企鹅不会飞行很远。"]).clashes] == ["negation"]
    assert agree(["Python is not compiled.", "Python isn't compiled."]).overall == 1.0


def test_code_differs_by_its_lines_not_by_comments_spaces_or_its_label() -> None:
    left = "```python\nprint(1)\n```"
    assert agree([left, "```py\n# a comment\nprint(1)   \n\n```"]).clashes == ()
    agreement = agree([left, "```python\nprint(2)\n```", "```sql\nselect 1\n```"])
    assert [(clash.kind, clash.subject, [claim.lane for claim in clash.claims]) for clash in agreement.clashes] == [
        ("code", "python", [0, 1])
    ]


def test_three_answers_and_who_says_what() -> None:
    agreement = agree(
        [
            "The Nile is 6,650 km long. It flows north. Crocodiles live in it.",
            "The Nile flows north. It is 6650 kilometres long, the Nile.",
            "North is where the Nile flows. Its source is disputed.",
        ]
    )
    assert [{claim.lane for claim in shared.claims} for shared in agreement.shared] == [{0, 1, 2}]
    assert [(claim.lane, claim.text) for claim in agreement.alone] == [
        (0, "Crocodiles live in it."),
        (2, "Its source is disputed."),
    ]
    assert agreement.partly == 2


def test_a_contradiction_names_all_sides() -> None:
    agreement = agree(
        ["The war ended in 1945.", "The war ended in 1946.", "The war ended on 2 September 1945.", "Roses."]
    )
    assert [[claim.value for claim in clash.claims] for clash in agreement.clashes] == [
        ["1945", "1946", "2 September 1945"]
    ]


def test_what_one_answer_says_elsewhere_is_no_contradiction() -> None:
    agreement = agree(["Tea boils at 80 °C.", "Tea boils at 90 °C. Green tea boils at 80 °C."])
    assert agreement.clashes == ()


def test_markdown_is_no_matter() -> None:
    plain = "Bread needs flour. Bread needs water. Read the recipe."
    dressed = "## Bread\n\n- **Bread** needs `flour`.\n- *Bread* needs water.\n\n> Read the [recipe](https://x.test/a)."
    assert agree([plain, dressed]).overall == 1.0
    table = "| What | How long |\n|---|---|\n| Rice boiling | 12 min |"
    assert agree([table, "Rice boiling takes 15 min."]).clashes[0].kind == "number"


def test_only_a_number_is_an_answer_too() -> None:
    assert agree(["42", "42."]).overall == 1.0
    assert agree(["42", "43"]).clashes[0].kind == "number"


def test_nothing_to_compare_is_unknown_and_not_zero() -> None:
    assert agree(["", ""]).overall is None
    assert agree(["Bread needs flour.", ""]).likeness[0][1] is None
    assert agree(["!!!", "!!!"]).overall == 1.0


def test_a_long_answer_is_read_up_to_a_length_and_says_so() -> None:
    agreement = agree(["Bread needs flour. " * 5_000, "Bread needs flour."])
    assert agreement.cut
    assert agreement.overall == 1.0


SCRAPS = """
    Bread needs flour. | Water boils at 100 °C. | 水在100度沸腾。| 会议在2024年3月5日举行。| No. | Yes. | 12,5
    | \n\n- | ``` | ```py\nx = 1\n``` | 不 | $ | ½ | 百分之 | １２３ | 千万亿 |
    十 | 一 | 1/0 | \x00 | \ud800 | 🎉 | # | | a | --- | 0年 | 亿 | 公元前
"""
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(SCRAPS.split("|")), max_size=12).map("".join))


def everything(agreement: Agreement, order: list[int]) -> object:
    """What was found, with the answers called by their place in `order`, without an order of its own."""
    shared = {frozenset((order[claim.lane], claim.text) for claim in each.claims) for each in agreement.shared}
    alone = sorted((order[claim.lane], claim.text) for claim in agreement.alone)
    pairs = {(order[a], order[b]): agreement.likeness[a][b] for a, b in itertools.product(range(len(order)), repeat=2)}
    return len(shared), alone, sorted(clash.kind for clash in agreement.clashes), pairs, agreement.cut


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_any_texts_in_any_order(texts: list[str]) -> None:
    count = len(texts)
    forward = everything(agree(texts), list(range(count)))
    backward = everything(agree(texts[::-1]), list(range(count))[::-1])
    assert forward == backward


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(2, 4))
def test_an_answer_agrees_with_itself(text: str, count: int) -> None:
    agreement = agree([text] * count)
    assert agreement.overall in (1.0, None)
    assert (agreement.overall is None) == (not text.strip() or agreement.likeness[0][1] is None)
    assert agreement.alone == ()
    assert agreement.clashes == ()
