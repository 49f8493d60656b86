"""Blocks: cut where they may be cut, final once a later one begins, and safe for `st.markdown` whatever they hold."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.safety.outgoing import FOLD_CHARS, Block, Blocks, blocks, cleaned

PIECES = [
    *"`~!()[]<>:$\\|#*_-+. \t\n\rab15",
    *(
        "\n\n",
        "\n",
        "```",
        "~~~",
        "```py\n",
        "\n```\n",
        "> ",
        "- ",
        "1. ",
        "    ",
        "  ",
        "$$",
        "\n$$\n",
        "\\[",
        "\\]",
        "\\(",
    ),
    *(
        "![",
        "](",
        "]:",
        "[a](http://x.y/)",
        "http://x.y/",
        "www.x.y/",
        "data:x",
        "mermaid",
        ":red[",
        ":smile:",
        "$5",
        "$x$",
    ),
    *("|-|-|\n", "\x1b[31m", "\x1b]0;t\x07", "\x1b", "\u200b", "\u200d", "👩", "\ufe0f", "\ud83d", "\ude00", "é", "中"),
]
hostile = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


def shown(text: str) -> str:
    """The one Markdown block of a text."""
    (block,) = blocks(text)
    assert block.kind == "markdown"
    return block.text


def summary(text: str) -> list[str]:
    return [
        f"{block.language or 'code'}: {block.text}" if block.kind == "code" else block.text for block in blocks(text)
    ]


@settings(max_examples=400, deadline=None)
@given(hostile, st.integers(0, 200))
@example("- a\n\n```py`x", 8)
@example("text\n```a`b", 8)
@example("- a\n\n-b", 6)
@example("a\r\n\r\nb", 4)
def test_earlier_blocks_are_final(text: str, cut: int) -> None:
    before, whole = blocks(text[:cut]), blocks(text)
    assert whole[: max(len(before) - 1, 0)] == before[:-1]


@settings(max_examples=200, deadline=None)
@given(hostile, st.lists(st.integers(0, 150), max_size=8))
def test_a_growing_text_is_cut_as_if_it_came_at_once(text: str, cuts: list[int]) -> None:
    painter, screen = Blocks(), list[Block]()
    for cut in [*sorted(cuts), len(text)]:
        first, now = painter.update(text[:cut])
        assert now[:first] == screen[:first]
        screen = now
        assert now == blocks(text[:cut])
        assert painter.removed == cleaned(text[:cut])[1]
    assert painter.update(text) == (len(screen), screen)


@settings(max_examples=400, deadline=None)
@given(hostile)
@example("\\![a](http://x/)")
@example("!\\\\[a](http://x/)")
@example("[![a](http://x/)](http://y/)")
@example("!\u200b[a](http://x/)")
@example("!\x1b[0m[a](http://x/)")
@example("`![a](http://x/)`")
@example("\\](")
def test_no_image_leaves_and_every_link_is_allowed(text: str) -> None:
    for block in blocks(text):
        if block.kind == "markdown":
            assert "![" not in block.text
            outside_code = re.sub(r"(?<!`)(`+)(?!`)[^\n]*?[^`]\1(?!`)", "", block.text)
            assert not re.search(r"(?<!\\)(?:\\\\)*\]\((?!https?://|mailto:)", outside_code)
        block.text.encode()


@settings(max_examples=300, deadline=None)
@given(hostile, st.integers(0, 100))
@example("\x1b[31m\ufe0f", 0)
@example("\x1b]0;title\x1b\\\ufe0f", 0)
def test_cleaning_is_stable_under_growth(text: str, cut: int) -> None:
    assert cleaned(text)[0].startswith(cleaned(text[:cut])[0])
    head, newline, tail = text.partition("\n")
    assert cleaned(text)[0] == cleaned(head + newline)[0] + cleaned(tail)[0]
    assert cleaned(cleaned(text)[0]) == (cleaned(text)[0], 0)


def test_a_painter_that_gets_another_text_starts_over() -> None:
    painter = Blocks()
    painter.update("one\n\ntwo\n\nthree")
    assert painter.update("one\n\nnew") == (1, [Block("markdown", "one"), Block("markdown", "new")])


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("one\ntwo\n\n\nthree\n", ["one  \ntwo", "three"]),
        ("say:\n```Python title=x\nx = 1\n\ny\n```\nend", ["say:", "python: x = 1\n\ny", "end"]),
        ("~~~~\n~~~\n```\n~~~~~\nend", ["code: ~~~\n```", "end"]),
        ("   ```\n   x\n     y\n   ```", ["code: x\n  y"]),
        ("```js\nlet a", ["js: let a"]),
        ("```a`b\ntext", ["```a`b  \ntext"]),
        ("- one\n\n- two\n\n  more\n\nafter", ["- one\n\n- two\n\n  more", "after"]),
        ("1. one\n   ```sh\n   ls\n   ```\n2. two", ["1. one", "sh: ls", "2. two"]),
        ("* a\n    * b\n      ```sh\n      ls\n      ```\n", ["* a\n    * b", "sh: ls"]),
        ("1. ```sh\n   ls\n   ```\nend", ["1.", "sh: ls", "end"]),
        ("text\n- ```sh\n  ls\n  ```\nend", ["text", "sh: ls", "end"]),
        ("> quote\n> ```sh\n> ls\n> ```\n> more", ["> quote", "sh: ls", "> more"]),
        ("> ```sh\n> ls\nend", ["sh: ls", "end"]),
        ("    x = 1\n\n    y\nend", ["code: x = 1\n\ny", "end"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\nend", ["| a | b |\n|---|---|\n| 1 | 2 |", "end"]),
        ("```mermaid\ngraph TD\n```", ["mermaid: graph TD"]),
        ("$$\na\n\nb\n$$\n\nend", ["$$\na\n\nb\n$$", "end"]),
        ("", []),
        (" \n\n", []),
    ],
)
def test_where_a_text_is_cut(text: str, cut: list[str]) -> None:
    assert summary(text) == cut


def test_an_open_fence_says_so() -> None:
    assert [block.closed for block in blocks("```\na")] == [False]
    assert [block.closed for block in blocks("```\na\n```")] == [True]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("see ![alt](http://x.y/i.png)", "see !\\[alt]\\(http://x.y/i.png)"),
        ("![alt][r] and \\![b](u)", "!\\[alt][r] and \\!\\[b]\\(u)"),
        ("[r]: //evil.example", "[r]\\: //evil.example"),
        ("<img src=x> 1 < 2 <b>", "&lt;img src=x> 1 < 2 &lt;b>"),
        ("http://x/[\\<file:/>", "http://x/[&lt;file:/>"),
        ("> ```mermaid-x `", "> ```\u2060mermaid-x `"),
        ("> ~~~m&#101;rmaid\n> ~~~", None),
    ],
)
def test_what_could_load_or_run_is_text(text: str, drawn: str | None) -> None:
    assert drawn is None or shown(text) == drawn
    assert all(block.kind == "code" for block in blocks(text)) or drawn is not None


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("[docs](https://docs.example/a_(b)?c=d)", "[docs](https://docs.example/a_(b)?c=d) (docs.example)"),
        ("[docs.example](https://docs.example/a)", "[docs.example](https://docs.example/a)"),
        ("[https://a.example](https://a.example/)", "[https://a.example](https://a.example/)"),
        ("[https://good.example](https://evil.example)", "[https://good.example](https://evil.example) (evil.example)"),
        ("[a](https://аpple.example)", "[a](https://аpple.example) (xn--pple-43d.example)"),
        ("[www](http://www.x.example)", "[www](http://www.x.example) (www\\.x.example)"),
        ("[me](mailto:a@b.example)", "[me](mailto:a@b.example) (a\\@b.example)"),
        ("[[1]](https://a.example/x)", "[\\[1\\]](https://a.example/x) (a.example)"),
        ('[`f`](https://a.example/x "t")', "[`f`](https://a.example/x) (a.example)"),
        ("<https://a.example/x>", "<https://a.example/x>"),
        ("https://a.example/~me:x", "https://a.example/~me:x"),
        ("[a](data:text/html,x)", "[a]\\(data\\:text/html,x)"),
        ("[a](//evil.example)", "[a]\\(//evil.example)"),
        ("[a](/local) [b](#top)", "[a]\\(/local) [b]\\(#top)"),
        ("[a](https://bank.example@evil.example/)", "[a]\\(https://bank.example@evil.example/)"),
        ("[a](https://bank.example&#64;evil.example/)", "[a]\\(https://bank.example&#64;evil.example/)"),
        ("[a](jav&#97;script:x)", "[a]\\(jav&#97;script\\:x)"),
        ("<data:text/html,x>", "&lt;data\\:text/html,x>"),
        ("[`a](https://a.example) `<data:x>`", "[`a](https://a.example) `&lt;data\\:x>`"),
    ],
)
def test_links_go_where_they_say_or_are_text(text: str, drawn: str) -> None:
    assert shown(text).replace("\u2060", "") == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("it costs $5 and $7", "it costs \\$5 and \\$7"),
        ("a $x$ formula and $5 price and $6", "a $x$ formula and \\$5 price and \\$6"),
        ("$5-$10, 5$-7$, US$5 and US$7", "\\$5-\\$10, 5\\$-7\\$, US\\$5 and US\\$7"),
        ("$2x+1$, $n$th and $5$", "$2x+1$, $n$th and $5$"),
        ("$HOME and $PATH, $USER/$HOST", "\\$HOME and \\$PATH, \\$USER/\\$HOST"),
        ("from $5 (or $x$) on", "from \\$5 (or $x$) on"),
        ("already \\$5 and \\\\$6", "already \\$5 and \\\\\\$6"),
        ("so \\(a^2\\) is \\( b \\)", "so $a^2$ is $b$"),
        ("\\[\nx = \\frac{1}{2} \\\\[2pt]\n\\]", "$$\nx = \\frac{1}{2} \\\\[2pt]\n$$"),
        ("   \\[ x \\]", "   $$\n   x\n   $$"),
        ("so \\[x\\] it is", "so $$x$$ it is"),
        ("$$E = mc^2$$", "$$\nE = mc^2\n$$"),
        ("as \\[1\\] says", "as \\[1\\] says"),
        ("$a![b](http://x/)$", "$a! [b] (http://x/)$"),
        ("`$5` and $x$", "`$5` and $x$"),
    ],
)
def test_money_is_no_formula(text: str, drawn: str) -> None:
    assert shown(text) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        (":red[x] :small[y] ::z[a]", "\\:red[x] \\:small[y] \\:\\:z[a]"),
        (":smile: :material/home: :streamlit: :+1:", ":|smile: :|material/home: :|streamlit: :|+1:"),
        ("http://x/:streamlit: <http://x/:smile:>", "http://x/:|streamlit: &lt;http://x/:|smile:>"),
        ("at 12:30:45, ratio 3:4", "at 12:30:45, ratio 3:4"),
        ("http://x/a:red[b] [http://x/a:red", "http://x/a:red[b] [http://x/a\\:red"),
        ("small" + "http://x/a:red[b]", "small" + "http://x/a\\:red[b]"),
        ("~5~ but ~~gone~~", "\\~5\\~ but ~~gone~~"),
        ("`:red[x] ~5~ <b> $x ![a](b)`", "`:red[x] ~5~ <b> $x !|[a](b)`"),
    ],
)
def test_streamlit_marks_are_text_and_inline_code_stays_readable(text: str, drawn: str) -> None:
    assert shown(text).replace("\u2060", "|") == drawn


@pytest.mark.parametrize(
    "text",
    [
        "| ` | `x` <data:a> `y` |\n|---|---|",
        "`a\nb` `<data:a>",
        "http://x/` <data:a> `",
        "http://x/<b>` <data:a> `",
        "www.x.example/` <data:a> `",
        "\\`` b ` <data:a> `",
    ],
)
def test_code_that_the_browser_may_not_see_as_code_is_escaped(text: str) -> None:
    assert "<data" not in shown(text)


@pytest.mark.parametrize(
    ("text", "expected", "removed"),
    [
        ("plain\ttext\n", "plain\ttext\n", 0),
        ("a\r\nb\rc", "a\nb\nc", 0),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07!", "red !", 19),
        ("a\x00b\x85c\x7f", "abc", 3),
        ("user\u202egnp.exe\u2066", "usergnp.exe", 2),
        ("hi\U000e0068\U000e0069", "hi", 2),
        ("a\u200bb\u2060c\ufeff", "abc", 3),
        ("👩\u200d🚀 🏳\ufe0f\u200d🌈 ❤\ufe0f", "👩\u200d🚀 🏳\ufe0f\u200d🌈 ❤\ufe0f", 0),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None, 0),
        ("می\u200cخواهم क\u094d\u200dष", "می\u200cخواهم क\u094d\u200dष", 0),
        ("a\u200db", "ab", 1),
        ("😀\ufe0f\ufe0f\U000e0101", "😀\ufe0f", 2),
        ("\ud83d\ude00 \ud83d!", "😀 \ufffd!", 1),
        ("مرحبا שלום", "مرحبا שלום", 0),
    ],
)
def test_hidden_characters_go_and_spelling_ones_stay(text: str, expected: str | None, removed: int) -> None:
    assert cleaned(text) == (text if expected is None else expected, removed)


@pytest.mark.parametrize(("text", "kind"), [("x" * 50_000, "text"), ("```\nok\n" + "x" * 50_000 + "\n```", "fence")])
def test_a_giant_token_is_folded(text: str, kind: str) -> None:
    (block,) = blocks(text)
    assert (block.kind, block.folded) == ("code", True)
    assert block.text.endswith("…")
    assert len(block.text) < FOLD_CHARS
    assert not blocks("x " * 50_000)[0].folded
