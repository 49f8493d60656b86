"""An answer in a file: it looks as on the page, and nothing of it runs, loads or leads astray."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from core.records import Completion, ResponseFormat, Timing
from core.report.answer_html import AnswerDrawer, diagrams, in_a_form, repeated
from core.safety.address import shown_address
from tests.browser.hostile_documents import documents

html = AnswerDrawer().html
TAGS = {
    "p", "br", "a", "em", "strong", "s", "code", "pre", "span", "div", "ul", "ol", "li", "blockquote", "hr",
    "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "label", "input",
}  # fmt: skip
ATTRIBUTES = {"href", "rel", "target", "class", "tabindex", "start", "dir", "id", "title", "type"}
CLASSES = {"address", "table", "formula", "left", "center", "right", "mark", "back", "long", "dim"}
VOID = {"br", "hr", "input"}
LINK = ("rel", "noopener noreferrer"), ("target", "_blank")


class Checked(HTMLParser):
    """Fails on a tag or attribute that a report must not have, and on one that is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.jumps: list[str] = []
        self.places: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(self.places) == len(set(self.places))
        assert set(self.jumps) == {f"#{place}" for place in self.places}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        attributes = {name: value or "" for name, value in attrs}
        assert attributes.keys() <= ATTRIBUTES
        assert attributes.get("class", "table") in CLASSES
        if "id" in attributes:
            self.places.append(attributes["id"])
        if attributes.get("class") in ("mark", "back"):
            self.jumps.append(attributes["href"])
        elif tag == "a":
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


def test_footnotes_lead_to_their_notes_and_back() -> None:
    notes = "[^1]: Its note.\n\n    More.\n\nThe end.[^2]\n\n[^2]: Two.\n\n    ```\n    x\n    ```"
    text = f"A claim.[^1] Again.[^1]\n\n{notes}"
    seen = Checked(html(text, "1-0"))
    assert seen.places == ["mark-1-0-1", "mark-1-0-2", "note-1-0-1", "note-1-0-2"]
    assert seen.jumps == ["#note-1-0-1", "#note-1-0-1", "#note-1-0-2", "#mark-1-0-1", "#mark-1-0-2"]
    assert seen.words.index("The end.") < seen.words.index("Its note.")


def test_a_diagram_is_a_picture_with_its_source_and_code_without_one() -> None:
    source = 'flowchart TD\n  A["<b>"] --> B'
    text = f"So:\n\n```mermaid\n{source}\n```"
    assert list(diagrams([text, text, "```mermaid\nnever closed"])) == [source]
    drawn = AnswerDrawer(diagrams={source: '<svg width="200" onload="alert(1)"/>'}).html(text)
    assert '<img src="data:image/svg+xml;base64,' in drawn
    assert 'style="min-width: 100px"' in drawn
    assert "onload" not in drawn
    assert "A[&quot;&lt;b&gt;&quot;]" in drawn[drawn.index("<details>") :]
    assert "<img" not in html(text)


def test_a_diagram_that_a_file_shows_twice_is_in_it_once() -> None:
    source, other = "flowchart LR\n  A --> B", "flowchart LR\n  C --> D"
    texts = [f"```mermaid\n{source}\n```", f"Mine:\n\n```mermaid\n{source}\n```", f"```mermaid\n{other}\n```"]
    assert repeated(texts) == [source]
    svg = '<svg width="200" height="100" onload="alert(1)"/>'
    drawer = AnswerDrawer(diagrams=dict.fromkeys((source, other), svg), repeated=repeated(texts))
    file = drawer.style() + "".join(map(drawer.html, texts))
    assert file.count("data:image/svg+xml") == 2  # the repeated one, and the other
    assert file.count('class="repeated diagram-0" role="img" aria-label="Diagram" style="width: 200px') == 2
    assert "alert" not in file


def test_data_is_a_table_with_its_code_and_long_code_unfolds() -> None:
    rows = "\n".join(f"<b>{number},{number}" for number in range(1_005))
    seen = Checked(html(f"```csv\nname,n\n{rows}\n```"))
    assert "The first 1,000 of 1,005 rows" in seen.words
    assert seen.words.count("<b>1004") == 1
    long = html("```python\n" + "x = 1\n" * 50 + "```")
    assert "Show all 50 lines" in Checked(long).words
    assert long.count("x = 1") == 50
    assert "input" not in html("```python\nx = 1\n```")


def test_an_answer_in_a_fixed_form_is_data() -> None:
    rows = '[{"a": 1}, {"a": 2}]'
    answer = Completion(
        "demo/quick",
        rows,
        "",
        None,
        None,
        Timing(datetime(2026, 1, 1, tzinfo=UTC)),
        response_format=ResponseFormat("json"),
    )
    assert in_a_form(answer) == f"```json\n{rows}\n```"
    assert in_a_form(replace(answer, response_format=None)) == rows
    assert in_a_form(replace(answer, text=f"```json\n{rows}\n```")) == f"```json\n{rows}\n```"
    assert in_a_form(None) == ""


def test_a_block_that_begins_from_the_right_runs_from_the_right() -> None:
    drawn = html("| שלב | זמן |\n|---|---|\n| a | 10 |\n\nplain\n\n```csv\na,b\nשלום,1\n```")
    assert drawn.startswith('<div dir="rtl">\n<div class="table"')
    assert drawn.count('dir="rtl"') == 1
    assert '<td dir="auto">שלום</td>' in drawn
