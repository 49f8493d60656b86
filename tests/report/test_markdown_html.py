"""Markdown of an answer in a file: it looks as on the page, and nothing of it runs, loads or leads astray."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from core.report.markdown_html import html
from core.safety.address import shown_address
from tests.browser.hostile_documents import documents

TAGS = {
    "p", "br", "a", "em", "strong", "s", "code", "pre", "span", "div", "ul", "ol", "li", "blockquote", "hr",
    "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"href", "rel", "target", "class", "tabindex", "start", "dir"}
CLASSES = {"address", "table", "formula", "left", "center", "right"}
VOID = {"br", "hr"}
LINK = ("rel", "noopener noreferrer"), ("target", "_blank")


class Checked(HTMLParser):
    """Fails on a tag or attribute that a report must not have, and on one that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        attributes = {name: value or "" for name, value in attrs}
        assert attributes.keys() <= ATTRIBUTES
        assert attributes.get("class", "table") in CLASSES
        if tag == "a":
            assert "a" not in self.open
            assert shown_address(attributes["href"]), attributes["href"]
            assert (("rel", attributes["rel"]), ("target", attributes["target"])) == LINK
            self.links.append(attributes["href"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_hostile_is_left(seed: int) -> None:
    for text in documents(150, "http://evil.example/bait", seed=seed):
        Checked(html(text))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#115;cript:x", "&#106;avascript&colon;x", "vbscript:x",
        "data:text/html,x", "file:///etc/passwd", "//evil.example/x", "/_stcore/health", "#top", "?a=1", "blob:x",
        "https://bank.example@evil.example/", "https:evil.example", "ftp://e.example/", "about:blank",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["[a]({})", "<{}>", "[a]: {}\n\n[a]", "![a]({})", "[![a]({})](x)"])
def test_only_the_web_and_mail_are_linked(address: str, form: str) -> None:
    assert Checked(html(form.format(address))).links == []


def test_links_of_the_web_and_of_mail() -> None:
    seen = Checked(html("[a](https://e.example/x?a=1&b=2), [mail](mailto:me@e.example) and https://e.example/plain."))
    assert seen.links == ["https://e.example/x?a=1&b=2", "mailto:me@e.example", "https://e.example/plain"]


def test_a_picture_is_a_link_that_names_it() -> None:
    seen = Checked(html("See ![the tides](https://e.example/tides.png)."))
    assert (seen.links, seen.words.strip()) == (["https://e.example/tides.png"], "See the tides.")


def test_tables_code_lists_and_emphasis() -> None:
    table = html("| model | s |\n|---|--:|\n| **a** | 0.4 |\n| b | 1.2 |")
    assert '<td class="right">0.4</td>' in table
    assert "<strong>a</strong>" in table
    assert html("# Title") == "<h4>Title</h4>\n"
    assert "<li>one" in html("1. one\n   - two")
    assert html("```python\na < b\n```") == '<pre tabindex="0"><code>a &lt; b</code></pre>\n'
    assert "<strong>“重点”" in html("**“重点”**后面")


def test_formulas_are_text_as_they_were_written() -> None:
    seen = Checked(html("Then $a_1 * b_2 * c$ and\n\n$$\n- x_1\n= y\n$$\n\nbut $5 and $6."))
    assert " ".join(seen.words.split()) == "Then $a_1 * b_2 * c$ and $$ - x_1 = y $$ but $5 and $6."
    assert "<em>" not in html("$a_1 * b_2 * c$")


def test_characters_that_reorder_a_line_are_left_out() -> None:
    assert "\u202e" not in html("abc \u202etxt.exe")


def test_text_that_runs_right_to_left_says_so() -> None:
    drawn = html("שלום\n\n- סלאם\n- x\n\nplain `code`")
    assert '<p dir="auto">שלום</p>' in drawn
    assert '<ul dir="auto">' in drawn
    assert "<code>code</code>" in drawn
    assert "dir=" not in html("plain\n\n- x")
