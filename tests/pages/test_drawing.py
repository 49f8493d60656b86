"""What an answer's blocks are drawn as, without a browser."""

from __future__ import annotations

import gzip

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.safety.direction import runs_right_to_left
from core.ui import transfers
from core.ui.answer import diagram, diagram_frame, diagram_pictures
from core.ui.answer.code_block import file_name
from tests.pages.conftest import PATIENCE_S

LONG = "\n".join(f"x = {number}" for number in range(50))


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("flowchart TD\nA-->B", "flowchart TD\nA-->B"),
        ('%%{init: {"securityLevel": "loose"}}%%\nflowchart TD', "flowchart TD"),
        ('%%{init: {\n"theme": "dark"\n}}%%\nflowchart TD', "flowchart TD"),
        ("%%{init: {}\nflowchart TD", "%% {init: {}\nflowchart TD"),
        ("%%%%{x}%%{init: {}}%%\nflowchart TD", "%%{init: {}}%%\nflowchart TD".replace("%%{", "%% {")),
        ("---\nconfig:\n  theme: dark\n---\nflowchart TD", "flowchart TD"),
        ("---\ntitle: My plan\nconfig: {}\n---\nflowchart TD", '---\ntitle: "My plan"\n---\nflowchart TD'),
        ("%% a comment\nflowchart TD", "%% a comment\nflowchart TD"),
    ],
)
def test_a_source_cannot_set_options(source: str, drawn: str) -> None:
    assert diagram.harmless(source) == drawn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("مرحبا world", True),
        ("שלום", True),
        ("- سلام", True),
        ("1. **أولاً**", True),
        ("hello مرحبا", False),
        ("你好 שלום", False),
        ("plain", False),
        ("12 %", False),
    ],
)
def test_the_first_letter_with_a_direction_decides(text: str, expected: bool) -> None:
    assert runs_right_to_left(text) is expected


def test_files_are_named_by_language() -> None:
    assert [file_name(language) for language in ("python", "sql", "dockerfile", "", "klingon")] == [
        "code.py",
        "code.sql",
        "Dockerfile",
        "code.txt",
        "code.txt",
    ]


def test_the_frame_may_load_its_two_scripts_and_nothing_else() -> None:
    client = TestClient(Starlette(routes=diagram_frame.routes()))
    reply = client.get("/diagrams/frame")
    policy = dict(rule.partition(" ")[::2] for rule in reply.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["sandbox"] == "allow-scripts"
    assert "connect-src" not in policy
    assert reply.text.count("<script") == 2
    packed = client.get("/diagrams/mermaid.js", headers={"accept-encoding": "gzip"})
    whole = client.get("/diagrams/mermaid.js", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == whole.content == gzip.decompress(diagram_frame.packed_mermaid())
    assert "immutable" in packed.headers["cache-control"]


def page(text: str) -> None:
    import streamlit as st

    from core.ui.answer.painter import Painter

    answer = Painter(st.container(), "answer")
    for length in range(0, len(text), 7):
        answer.paint(text[:length])
    answer.paint("It begins anew.\n\n" + text)
    answer.paint(text)


def drawn(monkeypatch: pytest.MonkeyPatch, text: str, server_name: str = "here") -> AppTest:
    monkeypatch.setattr(transfers, "server_name", server_name)
    at = AppTest.from_function(page, kwargs={"text": text}, default_timeout=PATIENCE_S).run()
    assert not at.exception
    return at


def test_blocks_are_drawn_as_what_they_say_when_they_have_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"A\n\n```mermaid\nflowchart TD\n```\n\n```python\n{LONG}\n```\n\n```csv\na,b\n1,2\n```"
    text += "\n\n- שלום\n\n```mermaid\npie"
    at = drawn(monkeypatch, text)
    assert [element.proto.component_name for element in at.get("bidi_component")] == [
        "roundtable-diagram-en",
        "roundtable-code-en",
    ]
    assert [code.value for code in at.code] == [LONG, "a,b\n1,2", "pie"]
    assert len(at.dataframe) == 1


def test_without_our_server_a_diagram_stays_code(monkeypatch: pytest.MonkeyPatch) -> None:
    at = drawn(monkeypatch, "```mermaid\nflowchart TD\n```\n\nend", server_name="")
    assert [code.value for code in at.code] == ["flowchart TD"]


def test_a_huge_diagram_shows_its_source_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "flowchart TD\n" + "A-->B\n" * 4_000
    at = drawn(monkeypatch, f"```mermaid\n{source}```\n\nend")
    assert at.caption[0].value == "This diagram is too large to be drawn."
    assert at.code[0].value == source.strip()


@pytest.mark.parametrize(
    ("answered", "pictures"),
    [
        (None, None),
        ({"name": "of another text", "pictures": ["<svg/>", "<svg/>"]}, None),
        ({"name": "this", "pictures": ["<svg/>", ""]}, {"a": "<svg/>"}),
        ({"name": "this", "pictures": ["<html>", 7, "<svg/>"]}, {}),
        ({"name": "this", "pictures": ["<svg" + "x" * 20_000_000, "<svg/>"]}, {"b": "<svg/>"}),
        ({"name": "this"}, {}),
    ],
)
def test_only_pictures_that_were_asked_for_are_taken(answered: object, pictures: dict[str, str] | None) -> None:
    assert diagram_pictures._pictures(answered, "this", ["a", "b"]) == pictures


def test_nothing_is_waited_for_where_nothing_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "server_name", "")
    assert diagram_pictures.drawn(["flowchart TD"], "file") == {}
    monkeypatch.setattr(transfers, "server_name", "here")
    assert diagram_pictures.drawn(["x" * (diagram.MOST_CHARS + 1)], "file") == {}
