"""A growing block is drawn as if it came at once, and what is settled in it is not read again."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.safety import address, growing
from core.safety.growing import Growing
from core.safety.markdown import Scan, safe_markdown
from core.safety.outgoing import Blocks, blocks

PIECES = [
    *("word ", "**x** ", " ", "\n", "- item ", ":", "`", "``", "[", "](", "$", "$$", "\\", "~", "<", "\\`", "\n["),
    *("`a`", "`` b` ``", "`|`", "`x]: y`", "www.a.b`c` ", "|a|b|\n|-|-|\n", "[x]: y", ":tada: ", "~~a~~ ", "a:b "),
    *('[t](https://a.b/c "x") ', "https://a.b/c_d ", "<https://a.b>", "![a](https://a.b)", "$5 ", "$x+1$ ", "$$x$$"),
    *(
        "<br>",
        "<br\n/>",
        "<sub>2</sub>",
        "<b>x y</b>",
        "中文",
        "**（a）**",
        "*中*",
        "，",
        "1. ",
        "1",
        "---\n",
        "# h\n",
        "> q\n",
    ),
    *("www.a@b.c ", "www.b", "a@", "&amp;", "&#64;", "ht&#116;p://a@", "\u3000", "\t"),
    *("\\(a\\)", "\\[b\\]", "\\(", "\\]", "```\n", "~~~"),
]
growths = st.lists(st.sampled_from(PIECES), min_size=1, max_size=30)


@given(pieces=growths, step=st.integers(1, 5))
def test_a_growing_text_is_drawn_as_if_it_came_at_once(pieces: list[str], step: int) -> None:
    text, drawn = "".join(pieces), Growing()
    for end in range(1, len(text) + step, step):
        assert drawn.update(text[:end]) == safe_markdown(text[:end])


@given(first=growths, second=growths)
def test_another_text_in_its_place_is_read_from_the_start(first: list[str], second: list[str]) -> None:
    drawn, cut = Growing(), Blocks()
    for text in ("".join(first), "".join(second)):
        drawn.update(text)
        cut.update(text)
    assert drawn.update("".join(second)) == safe_markdown("".join(second))
    assert cut.update("".join(second))[1] == blocks("".join(second))


def test_a_line_that_was_clean_is_cleaned_again_in_another_answer() -> None:
    cut = Blocks()
    cut.update("words that are all clean so far ")
    assert cut.update("\x1b[31mred\x1b[0m and more words than before ")[1] == blocks("red and more words than before ")


@pytest.mark.parametrize(
    "sentence",
    [
        "Round tables have no head: **every** voice counts. ",
        "@12.345:900 ",
        "- item with `code`, a [link](https://a.example/b) and $5\n",
        "costs $5, `code` and https://a.example/b_c go on ",
        "写在一行里的字 and more: of it ",
    ],
)
def test_what_is_settled_is_not_read_again(sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    parts = SimpleNamespace(sub=lambda _parted, part: read.append(len(part)) or part)
    monkeypatch.setattr(address, "_HIDDEN_SCHEME", parts)

    class Counted(Scan):
        def run(self, at: int, until: int) -> str:
            read.append(until - at)
            return super().run(at, until)

    monkeypatch.setattr(growing, "Scan", Counted)
    drawn, text = Growing(), ""
    for _ in range(200):
        text += sentence
        drawn.update(text)
    assert max(read) <= 3 * len(sentence)
    assert sum(read) <= 6 * len(text)


def test_a_block_after_a_table_keeps_its_lines() -> None:
    text, cut = "|a|b|\n|-|-|\n|1|2|\n\nRoses are red\nviolets are blue\nand `so` on", Blocks()
    for end in range(1, len(text) + 1):
        assert cut.update(text[:end])[1] == blocks(text[:end])
