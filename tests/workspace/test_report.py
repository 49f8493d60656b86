"""A comparison as a file: it says what the page says, and what a model wrote stays text."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from core.errors import QuotaSpent
from core.records import Completion, Finish, Note, Timing, Usage
from core.report.assessments import Assessment, Mark
from core.report.columns import ReportColumn
from core.report.page import page
from core.report.tables import markdown, table, whole
from core.views.comparison import Comparison, Round
from core.views.conversation import ConversationView, GenerationSettings, Turn

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = [
    "<script>window.stolen=1</script>",
    '<img src="//evil.example/x" onerror="window.stolen=1">',
    "![a](//evil.example/x)",
    "</div></article><iframe src=javascript:alert(1)>",
    "```html\n</code></pre><script>window.stolen=1</script>\n```",
    "```\nnever closed <b>",
    "<style>@import url(//evil.example/x)</style>",
    "a | b\n| c |\r\n=HYPERLINK(\"//evil.example\")",
    "&lt;script&gt; &#60;script&#62;",
]  # fmt: skip


def answered(name: str, text: str, model_id: str = "sim/quick", **more: object) -> Turn:
    usage = Usage(12, 34567, cost_usd=None)
    completion = Completion(model_id, text, "", usage, Finish("stop"), Timing(AT, 420.0, 420.0, 900.0, 1000.0), **more)  # type: ignore[arg-type]
    return Turn(f"q-{name}", "?", f"a-{name}", model_id, name, "done", completion)


def comparison(*texts: str, prompt: str = "Explain tides") -> Comparison:
    lanes = tuple(
        ConversationView(f"l{at}", model_id="sim/quick", turns=(answered(f"{at}", text),), lane=True)
        for at, text in enumerate(texts)
    )
    first = Round(1, prompt, {lane.id: f"q-{at}" for at, lane in enumerate(lanes)}, asked_at=AT)
    return Comparison("run", "Tides", prompt, GenerationSettings("Be brief", temperature=0.5), lanes, (first,))


def columns(run: Comparison, **more: object) -> list[ReportColumn]:
    names = {"sim/quick": "Demo · quick"}
    return [ReportColumn(lane.id, chr(65 + at), names, **more) for at, lane in enumerate(run.lanes)]  # type: ignore[arg-type]


class Seen(HTMLParser):
    """The tags of a page and everything that an attribute says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.told: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.told += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_model_wrote_stays_text_in_the_page(text: str) -> None:
    run = comparison(text, "well", prompt=text)
    html = page(run, columns(run))
    plain = Seen(page(comparison("a", "b"), columns(run)))
    parsed = Seen(html)
    assert parsed.tags - {"pre", "code", "br", "table", "thead", "tbody", "tr", "th", "td"} <= plain.tags
    assert {name for name, _ in parsed.told} - {"tabindex"} == {
        "lang", "charset", "http-equiv", "content", "name", "class",
    }  # fmt: skip
    assert not [value for _, value in parsed.told if "evil" in value]
    assert "default-src 'none'" in dict(parsed.told).get("content", "") or "default-src" in html


def test_the_page_keeps_every_word() -> None:
    text = "First\n\n```python\nif a < b:\n    go()\n```\n\nlast & least"
    html = page(comparison(text), columns(comparison(text)))
    assert '<pre tabindex="0"><code>if a &lt; b:\n    go()</code></pre>' in html
    assert "<p>First</p>" in html
    assert "<p>last &amp; least</p>" in html


def test_a_cell_of_the_table_is_one_cell() -> None:
    run = comparison("one | two\nthree", "<b>four</b>")
    lines = markdown(run, columns(run)).splitlines()
    assert lines[2:4] == ["|  | A | B |", "| --- | --- | --- |"]
    assert "one \\| two<br>three" in lines[4]
    assert "&lt;b&gt;four&lt;/b&gt;" in lines[4]
    assert lines[4].replace("\\|", "").count("|") == 4


@pytest.mark.parametrize("first", "=+-@\t＝＋－＠")
def test_no_cell_of_the_csv_is_a_formula(first: str) -> None:
    run = comparison(f"{first}1+1", prompt=f"{first}cmd")
    row = next(csv.DictReader(io.StringIO(table(run, columns(run)).lstrip("\ufeff"))))
    assert (row["prompt"], row["text"]) == (f"'{first}cmd", f"'{first}1+1")


def test_the_csv_has_a_row_for_every_answer_and_no_formula() -> None:
    run = comparison("=1+1", "two")
    rows = list(csv.DictReader(io.StringIO(table(run, columns(run)).lstrip("\ufeff"))))
    assert [(row["column"], row["text"], row["model"]) for row in rows] == [
        ("A", "'=1+1", "Demo · quick"),
        ("B", "two", "Demo · quick"),
    ]
    assert (rows[0]["first_token_ms"], rows[0]["output_tokens"], rows[0]["cost_usd"]) == ("420.0", "34567", "")


def test_the_json_tells_all_there_is() -> None:
    dropped = Note("parameter_dropped", "seed")
    out_of_quota = answered("1", "", error=QuotaSpent("nothing left"), cost_usd=Decimal("0.001"), notes=(dropped,))
    run = comparison("one", "")
    lanes = (run.lanes[0], ConversationView("l1", model_id="sim/quick", turns=(out_of_quota,), lane=True))
    second = Round(2, "And?", {"l0": "q-none"}, follows="l0", asked_at=AT)
    run = Comparison(
        "run", "Tides", "Explain tides", run.generation, lanes, (*run.rounds, second), apart={"l1": {"seed": 3}}
    )
    exported = json.loads(whole(run, columns(run)))
    assert exported["settings"] == {"system": "Be brief", "temperature": 0.5}
    assert exported["columns"][1] == {"column": "B", "own_settings": {"seed": 3}}
    assert [turn["went_on_from"] for turn in exported["turns"]] == [None, "A"]
    failed = exported["turns"][0]["answers"][1]
    assert (failed["error"], failed["cost_usd"], failed["notes"]) == ("quota_spent", "0.001", "parameter_dropped seed")
    assert [answer["state"] for answer in exported["turns"][1]["answers"]] == ["not asked", "not asked"]


@pytest.mark.parametrize("make", [markdown, table, whole, page])
def test_without_names_no_file_tells_a_model_or_a_figure(make: object) -> None:
    run = comparison("one", "two")
    hidden = [ReportColumn(lane.id, "AB"[at], None, figures=False) for at, lane in enumerate(run.lanes)]
    text = make(run, hidden)  # type: ignore[operator]
    assert "quick" not in text
    assert "0.42" not in text
    assert "420" not in text
    assert "34567" not in text


def test_every_file_tells_what_was_said_about_the_answers() -> None:
    run = comparison("one", "two")
    marks = {"B": [Mark(9.0, "=right"), Mark(None), Mark(7.5, "a | b\n<b>")], "A": [Mark(4.0), Mark(4.0), Mark(4.0)]}
    assessments = [
        Assessment(1, "vote", ("A", "B"), "B"),
        Assessment(1, "judge", ("B", "A"), '{"scores": []}', "Groq · judge", marks=marks),
        Assessment(1, "merge", ("A", "B"), "<script>both</script> | =1", "Groq · merger"),
    ]
    exported = json.loads(whole(run, columns(run), assessments))["turns"][0]["said"]
    assert [item["kind"] for item in exported] == ["vote", "judge", "merge"]
    assert exported[0]["text"] == "B"
    assert exported[1]["scores"][0] == {
        "column": "B",
        "correctness": {"score": 9.0, "reason": "=right"},
        "completeness": {"score": None, "reason": ""},
        "clarity": {"score": 7.5, "reason": "a | b\n<b>"},
    }
    rows = list(csv.DictReader(io.StringIO(table(run, columns(run), assessments).lstrip("\ufeff"))))
    assert [(row["kind"], row["column"], row["correctness"]) for row in rows] == [
        ("answer", "A", ""), ("answer", "B", ""), ("vote", "A, B", ""), ("judge", "B", "9.0"), ("judge", "A", "4.0"),
        ("merge", "A, B", ""),
    ]  # fmt: skip
    assert rows[3]["text"].startswith("'=right")
    lines = markdown(run, columns(run), opinions=assessments).splitlines()
    assert lines[-1] == "| 1 | Merged by: Groq · merger (A, B) | &lt;script&gt;both&lt;/script&gt; \\| =1 |"
    assert "B: 9 (=right) · — · 7.5 (a \\| b<br>&lt;b&gt;)" in lines[-2]
    html = page(run, columns(run), opinions=assessments)
    assert "&lt;script&gt;both&lt;/script&gt;" in html
    assert "<script" not in html
    assert "Vote: B" in html
