"""Footnotes: marks lead to notes at the end, whatever shape either is in."""

from __future__ import annotations

import pytest

from core.safety.footnotes import arranged
from core.safety.outgoing import Block, blocks, for_file

BACK = "[↩\ufe0e](#mark-a-{number})"


def drawn(text: str, name: str = "a", *, titles: bool = False) -> str:
    shown = arranged(blocks(text), name=name, titles=titles)
    return "\n\n".join(f"<code>{block.text}</code>" if block.kind == "code" else block.text for block in shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A claim.[^1]\n\n[^1]: Its note.", "A claim.[1](#note-a-1)\n\n---\n\n1. Its note. [1]"),
        ("A[^1] b[^1].\n[^1]: Under the text.", "A[1](#note-a-1) b[1](#note-a-1).\n\n---\n\n1. Under the text. [1]"),
        ("[^1]: First.\n\nThen.[^1]", "Then.[1](#note-a-1)\n\n---\n\n1. First. [1]"),
        ("A[^x] b[^y].\n\n[^y]: Y.\n[^x]: X.", "A[1](#note-a-1) b[2](#note-a-2).\n\n---\n\n1. X. [1]\n2. Y. [2]"),
        ("A[^1] b[^7].\n\n[^1]: A.\n[^7]: B.", "A[1](#note-a-1) b[7](#note-a-7).\n\n---\n\n1. A. [1]\n\n7. B. [7]"),
        ("A[^1]\n\n[^1]: One.\n\n    Two.\n\nEnd.", "A[1](#note-a-1)\n\nEnd.\n\n---\n\n1. One.\n\n   Two. [1]"),
        ("A[^1]\n\n[^1]: So:\n\n    ```py\n    x = 1\n    ```\n",
         "A[1](#note-a-1)\n\n---\n\n1. So: [1]\n\n<code>x = 1</code>"),
        ("A[^1]\n\n[^1]: ```py\n    x = 1\n    ```\n", "A[1](#note-a-1)\n\n---\n\n1. [1]\n\n<code>x = 1</code>"),
        ("A[^1]\n\n[^1]: ```", "A[1](#note-a-1)\n\n---\n\n1. \u2060``` [1]"),
        ("A[^1]\n\n[^1]: One\ngoes on.", "A[1](#note-a-1)\n\n---\n\n1. One  \n   goes on. [1]"),
        ("A[^1]\n\n[^1]: One\n- an item", "A[1](#note-a-1)\n\n- an item\n\n---\n\n1. One [1]"),
        ("A[^1]\n\n[^1]:", "A[1](#note-a-1)\n\n---\n\n1. [1]"),
        ("A[^1]\n\n[^1]: a\n[^1]: b", "A[1](#note-a-1)\n\n---\n\n1. a [1]\n\nb"),
        ("A[^1]\n\n[^1]:\n\n    | a | b |\n    |---|---|\n    | 1 | 2 |",
         "A[1](#note-a-1)\n\n---\n\n1. | a | b |\n   |---|---|\n   | 1 | 2 |\n\n   [1]"),
        ("https://example.com[^1]\n\n[^1]: x", "https://example.com\u200a[1](#note-a-1)\n\n---\n\n1. x [1]"),
        ("A `[^1]` and\n\n```\n[^1]: code\n```\n\n[^1]: x", "A `[^1]` and\n\n<code>[^1]: code</code>\n\n---\n\n1. x"),
        ("A mark without a note.[^3]", "A mark without a note.⁽³⁾"),
        ("A word without one: [^abc] matches", "A word without one: [^abc] matches"),
        ("[^abc]: matches no mark", "[^abc]\\: matches no mark"),
        ("$x[^1]$ and \\$5[^1]\n\n[^1]: y", "$x[^1]$ and \\$5[1](#note-a-1)\n\n---\n\n1. y [1]"),
        ("[to [^1]](https://example.com)\n\n[^1]: x",
         "[to ⁽¹⁾](https://example.com) (example.com)\n\n---\n\n1. x [1]"),
    ],
)  # fmt: skip
def test_marks_lead_to_notes_at_the_end(text: str, expected: str) -> None:
    for number in range(1, 8):
        expected = expected.replace(f" [{number}]", " " + BACK.format(number=number))
    assert drawn(text) == expected


def test_without_a_name_there_are_no_links() -> None:
    assert drawn("A[^1]\n\n[^1]: Note.", name="") == "A⁽¹⁾\n\n---\n\n1. Note."


def test_a_title_holds_the_words_of_the_note_and_can_end_nothing() -> None:
    first = drawn('A[^1]\n\n[^1]: **See** "x" `y` [z](https://example.com) $1 <', titles=True).partition("\n")[0]
    assert first == 'A[1](#note-a-1 "See &#34;x&#34; y z &#40;example&#46;com&#41; &#36;1 &#60;")'


def test_a_model_cannot_write_such_a_link_itself() -> None:
    assert "](#" not in drawn("[1](#note-b-1) and [^1][x](#mark-a-1)")
    assert drawn('A[^1]\n\n[^1]: ](#note-b-9) "x').count("](#") == 2


def test_blocks_before_the_notes_stay_as_they_are_while_a_text_grows() -> None:
    text = "One.[^1]\n\nTwo.\n\n[^1]: A note\n\n    with `code`.\n\n[^2]: Another.\n"
    whole = arranged(blocks(text), name="a")
    for length in range(len(text)):
        shown = arranged(blocks(text[:length]), name="a")
        assert all(isinstance(block, Block) for block in shown)
        if length > text.index("A note"):
            assert shown[:2] == whole[:2]


def test_a_file_keeps_marks_and_notes_where_they_were() -> None:
    assert for_file("A[^1]\n\n[^1]: One.\n\n    Two.\n\nEnd.") == "A[^1]\n\n[^1]\\: One.\n\nTwo.\n\nEnd."
