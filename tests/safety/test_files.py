"""What goes into files: no cell is a formula, no Markdown loads a picture or holds HTML, no address hides its host."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.safety.address import BREAK, unlinked
from core.safety.outgoing import blocks, fenced, for_file, title_for_file
from core.safety.spreadsheet import MARK, harmless, row
from core.ui.text import plain

LEADS = r"""\n \r\n \r \t \x20 \x00 \x0b \x1f \x85 \xa0 \u3000 \ufeff \u200b \u200e \u202e \u2028 \u2060 \u3164 \u115f
    \u2800 \u180e \xad \x20\n\t\ufeff\u200b"""
LEADING = ["", *(lead.encode().decode("unicode_escape") for lead in LEADS.split())]


@pytest.mark.parametrize("sign", "=+-@＝＋－＠﹦﹢﹣﹫−|%⁺")
@pytest.mark.parametrize("lead", LEADING, ids=ascii)
def test_no_cell_is_a_formula_whatever_stands_before_it(lead: str, sign: str) -> None:
    assert str(harmless(f"{lead}{sign}HYPERLINK(1)")).startswith("'")


@pytest.mark.parametrize("text", ["", "-5", "+1.5e3", "-12%", "hello", " a = b", "1-2", "数据", "“=1”", "#x", "'=1"])
def test_a_harmless_cell_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_numbers_are_no_text() -> None:
    assert row([-1, 2.5, None, True]) == "-1,2.5,,True\r\n"


def test_all_csv_files_are_written_by_the_one_that_guards_cells() -> None:
    core = Path(__file__).resolve().parents[2] / "core"
    by_hand = re.compile(r"csv\.(writer|DictWriter)|\.to_csv\(|spreadsheet\.(row|MARK)")
    others = (path for path in core.rglob("*.py") if path.name != "spreadsheet.py")
    assert [path.name for path in others if by_hand.search(path.read_text(encoding="utf-8"))] == []


@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_what_is_written_is_what_is_read(cells: list[str]) -> None:
    """By Python's own reader, which takes NUL as it takes any other character."""
    text = MARK + row(cells)
    rows = list(csv.reader(io.StringIO(text.removeprefix(MARK), newline="")))
    assert rows in ([[harmless(cell) for cell in cells]], [[]] if cells == [""] else [])


HOSTILE = [
    "![p](http://evil.test/x.png)", "!\\[p](http://evil.test)", "![p][r]\n\n[r]: http://evil.test/x.png", "<img src=x>",
    "<script>alert(1)</script>", "a <iframe src=//evil.test></iframe>", "[![p](http://evil.test)](http://evil.test)",
    "| a |\n|---|\n| ![p](http://evil.test) |", "> ![p](http://evil.test)", "- ![p](http://evil.test)\n",
    "`a\n![p](http://evil.test)\n`", "    code\n\n![p](http://evil.test)", "<!-- c --> ![p](//evil.test)",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_markdown_file_loads_nothing_and_holds_no_html(text: str) -> None:
    cleaned = for_file(text)
    outside = "".join(block.text for block in blocks(text) if block.kind == "markdown")
    assert "![" not in outside
    assert not [tag for tag in ("<img", "<script", "<iframe", "<!--") if tag in outside]
    assert all(block.text in cleaned for block in blocks(text))
    assert "![" not in title_for_file(text)
    assert "<img" not in title_for_file(text)


def test_code_in_a_file_stays_as_it_is_and_cannot_end_its_block() -> None:
    assert for_file("Do:\n\n```html\n<img src=x>\n![a](b)\n```\nDone.") == (
        "Do:\n\n```html\n<img src=x>\n![a](b)\n```\n\nDone."
    )
    assert fenced("a\n````\nb") == "`````\na\n````\nb\n`````"
    assert for_file("x" * 30_000) == f"```\n{'x' * 30_000}\n```"


DISGUISED = [
    "https://good.example@evil.test",
    "http://good.example:80@evil.test/x",
    "HTTPS://good.example@evil.test",
    "(https://good.example@evil.test)",
    "https://good.example&#64;evil.test",
    "https://good.example&commat;evil.test",
    "https&#58;//good.example@evil.test",
    "https&colon;//good.example@evil.test",
    "https\\://good.example@evil.test",
    "https:/\\/good.example@evil.test",
    "&#104;ttps://good.example@evil.test",
    "www.good.example@evil.test",
    "www\\.good.example@evil.test",
    "www&#46;good.example@evil.test",
    "x://,https&colon;//good.example@evil.test",
    "http://,https&colon;//good.example@evil.test",
    "https://ok.example,https://good.example@evil.test",
    "<https://good.example@evil.test>",
    "[bank](https://good.example@evil.test)",
    "[bank](https://good.example&#64;evil.test)",
    "[https://good.example@evil.test](https://fine.example)",
    "[bank]: https://good.example@evil.test",
]


def drawn(markdown: str) -> str:
    """A text as a parser reads it: entities and backslashes decoded."""
    import html
    import re

    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(markdown.replace("&amp;", "\0"))).replace("\0", "&")


@pytest.mark.parametrize("text", DISGUISED)
@pytest.mark.parametrize("draw", [lambda text: blocks(text)[0].text, unlinked, plain, for_file])
def test_no_address_hides_its_host(text: str, draw: object) -> None:
    import re

    cleaned = drawn(draw(text))  # type: ignore[operator]
    assert not re.search(r"(https?://|www\.)[^/?#\s\u2060]*@", cleaned, re.IGNORECASE)
    assert "evil" in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "See https://example.com/a@b, and mail me@example.com.",
        "`git clone https://user:token@host.example/x`",
        "www.example.com and a@b.example",
        "[a](https://example.com/?q=x@y)",
        "AT&T @you \\@ &amp; &#64;",
    ],
)
def test_ordinary_addresses_are_left_alone(text: str) -> None:
    assert BREAK not in blocks(text)[0].text


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["www", "&", "\\", "@", "https://", "&#64;", "www.a@"])
def test_long_words_do_not_hang(piece: str) -> None:
    word = (piece * 20_000)[:60_000]
    unlinked(word)
    blocks(word)
    harmless(word)
