"""Markdown as models write it: CJK emphasis, tags, verses, fences inside fences, formulas, addresses."""

from __future__ import annotations

import re

import pytest

from core.safety.address import BREAK
from core.safety.markdown import HAIR
from core.safety.outgoing import Block, blocks


def drawn(text: str) -> str:
    return "\n".join(block.text for block in blocks(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("**“文字”**是重点", f"**“文字”{BREAK}**是重点"),
        ("**注意：**请看", f"**注意：{BREAK}**请看"),
        ("他说**“你好”**。", f"他说**{BREAK}“你好”**。"),
        ("**重要（Important）**的", f"**重要（Important）{BREAK}**的"),
        ("占**100%**的", f"占**100%{BREAK}**的"),
        ("~~“删”~~的", f"~~“删”{BREAK}~~的"),
        ("***“都”***有", f"***“都”{BREAK}***有"),
        ("*“强调”*是", f"*“强调”{BREAK}*是"),
        ("普通**加粗**正常", "普通**加粗**正常"),
        ("2*（3+4）*5", "2*（3+4）*5"),
        ("**bold:** text", "**bold:** text"),
        ("* item（一）", "* item（一）"),
    ],
)
def test_emphasis_beside_punctuation_and_cjk_letters(text: str, wanted: str) -> None:
    assert drawn(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a<br>b", "a  \nb"),
        ("a<BR />\nb", "a  \nb"),
        ("# a<br>b", "# a b"),
        ("| a |\n|---|\n| x<br/>y |", "| a |\n|---|\n| x&#10;y |"),
        ("H<sub>2</sub>O, x<sup>n+1</sup>", "H₂O, xⁿ⁺¹"),
        ("<kbd>Ctrl</kbd>", "`Ctrl`"),
        ("a <b>bold</b> word", "a **bold** word"),
        ("<u>under</u>", "under"),
        ("<b>![x](http://a.example/b)</b>", "**!\\[x]\\(http://a.example/b)**"),
        ("<script>x</script>", "&lt;script>x&lt;/script>"),
        ("`<br>`", "`<br>`"),
    ],
)
def test_tags_that_mean_something(text: str, wanted: str) -> None:
    assert drawn(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Roses are red,\nViolets are blue", "Roses are red,  \nViolets are blue"),
        ("# Title\ntext", "# Title\ntext"),
        ("text\n- item\n- item", "text\n- item\n- item"),
        ("Title\n=====", "Title\n====="),
        ("| a |\n|---|\n| b |", "| a |\n|---|\n| b |"),
        (f"{'word ' * 15}\nnext", f"{'word ' * 15}\nnext"),
        ("$$\na\nb\n$$", "$$\na\nb\n$$"),
    ],
)
def test_short_lines_stay_lines(text: str, wanted: str) -> None:
    assert drawn(text) == wanted


@pytest.mark.parametrize(
    "formula",
    [
        r"$60 \text{ miles}$",
        r"$24 \div 3 = 8 \text{ hours}$",
        r"$100 \text{元}$",
        r"$2 \times 10^{-3}\ \mathrm{mol}$",
        r"$3 \operatorname{kg}$",
    ],
)
def test_a_formula_may_begin_with_a_digit(formula: str) -> None:
    assert drawn(f"That is {formula}.") == f"That is {formula}."


@pytest.mark.parametrize(
    "text", ["It costs $5 and $7, or $20/hr * 5 hr = $100.", "$990/mo, now $1,500", "$AAPL and $TSLA", "$/PR and $/x"]
)
def test_money_stays_money(text: str) -> None:
    assert not re.search(r"(?<!\\)\$", drawn(text))


def test_a_file_of_markdown_stands_in_one_block() -> None:
    inner = "# Title\n```bash\nls\n```\n## Next\n```py\nx\n```\nEnd."
    text = f"Here:\n\n```markdown\n{inner}\n```\n\nThat was it."
    assert blocks(text)[1] == Block("code", inner, "markdown")
    assert blocks(text)[2].text == "That was it."


def test_what_follows_code_in_a_list_is_text() -> None:
    text = "1. Install:\n\n    ```sh\n    ls\n    ```\n\n    Then run.\n\n    * a\n    * b\n\n2. Done."
    assert [block.kind for block in blocks(text)] == ["markdown", "code", "markdown"]
    assert blocks(text)[2].text == "Then run.\n\n* a\n* b\n\n2. Done."


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("见 https://a.example/v1。然后", f"见 https://a.example/v1{HAIR}。然后"),
        ("（https://a.example/?b=1），", f"（https://a.example/?b=1{HAIR}），"),
        ("https://a.example/中国 x", "https://a.example/中国 x"),
        ("请访问https://a.example/v1。然后", f"请访问https://a.example/v1{HAIR}。然后"),
        ("axhttps://a.example/v1。", "axhttps://a.example/v1。"),
        ("https://a.example/x, y", "https://a.example/x, y"),
    ],
)
def test_an_address_ends_before_full_width_punctuation(text: str, wanted: str) -> None:
    assert drawn(text) == wanted


ALIGNED = "\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (ALIGNED, f"$$\n{ALIGNED}\n$$"),
        (f"So:\n{ALIGNED}\nDone.", f"So:  \n$$\n{ALIGNED}\n$$  \nDone."),
        (f"$$\n{ALIGNED}\n$$", f"$$\n{ALIGNED}\n$$"),
        (f"$${ALIGNED}$$", f"$$\n{ALIGNED}\n$$"),
        ("\\begin{itemize} a", "\\begin{itemize} a"),
    ],
)
def test_a_formula_by_its_environment_needs_no_marks(text: str, wanted: str) -> None:
    assert drawn(text) == wanted


def test_a_verse_in_a_quotation_keeps_its_lines() -> None:
    assert drawn("> Roses are red\n> Violets are blue") == "> Roses are red  \n> Violets are blue"
    assert drawn("> one\n>\n> - two\n> - three") == "> one\n>\n> - two\n> - three"
    assert drawn("> one\n>> two") == "> one\n>> two"


@pytest.mark.parametrize("info", ["text", "txt", "readme", ""])
def test_a_file_that_holds_a_fence_stands_in_one_block(info: str) -> None:
    assert blocks(f"```{info}\n```js\nx\n```\n```\nafter") == [
        Block("code", "```js\nx\n```", info),
        Block("markdown", "after"),
    ]
