"""What a model cannot have: said before it is sent, replaced or refused, and noted."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import BadRequest
from core.records import (
    ChatRequest,
    Document,
    Message,
    Model,
    Note,
    Picture,
    Provider,
    ResponseFormat,
    Sound,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from core.wire import CARRIES, FORMATS, Lack, fitted, lacking, takes
from core.wire.fitting import check_forms, refusal, with_masked_as_text

PICTURE = Picture("image/png", b"\x89PNG\r\n\x1a\npixels", name="a.png")
PDF = Document("a.pdf", "what was read", "application/pdf", b"%PDF-1.7 x")
SCAN = Document("scan.pdf", "", "application/pdf", b"%PDF-1.7 y")
FORM = ResponseFormat("schema", '{"type": "object"}')
BLIND = Model("p/m", "m", "p", input=("text",), lacks=("tools", "json_schema", "reasoning_effort"))
UNKNOWN = Model("p/m", "m", "p")
SEEING = Model("p/m", "m", "p", input=("text", "image", "pdf"), abilities=("tools", "json_schema"), efforts=("low",))


def provider(wire: str = "openai", **quirks: Any) -> Provider:
    return Provider("p", "P", wire, "https://api.example.com/v1", quirks=quirks)


def question(*parts: Any, **more: Any) -> ChatRequest:
    return ChatRequest([Message("user", [Text("Hi"), *parts])], **more)


def test_every_format_says_what_it_carries() -> None:
    assert set(CARRIES) == set(FORMATS)


@pytest.mark.parametrize(
    ("request_", "model", "lack"),
    [
        (question(PICTURE), BLIND, Lack("picture", "model", "refused")),
        (question(PICTURE), UNKNOWN, None),
        (question(PICTURE), SEEING, None),
        (question(Sound("audio/mpeg", b"ID3")), SEEING, Lack("sound", "model", "refused")),
        (question(PDF), SEEING, None),
        (question(PDF), UNKNOWN, Lack("document", "model", "instead", "text")),
        (question(PDF), BLIND, Lack("document", "model", "instead", "text")),
        (question(SCAN), BLIND, Lack("document", "model", "refused")),
        (question(SCAN), UNKNOWN, None),
        (question(tools=[Tool("add")]), BLIND, Lack("tools", "model", "left_out")),
        (question(tools=[Tool("add")]), UNKNOWN, None),
        (question(response_format=FORM), BLIND, Lack("schema", "model", "instead", "json")),
        (question(response_format=FORM), UNKNOWN, None),
        (question(effort="high"), BLIND, Lack("effort", "model", "left_out")),
        (question(effort="none"), BLIND, None),
        (question(effort="high"), SEEING, Lack("effort", "model", "instead", "low")),
        (question(effort="high"), UNKNOWN, None),
        (question(stop=list("abcde")), UNKNOWN, Lack("stop", "wire", "instead", "4", 5)),
    ],
)
def test_what_a_model_lacks_is_named(request_: ChatRequest, model: Model, lack: Lack | None) -> None:
    assert lacking(request_, provider(pdf="file"), model) == ((lack,) if lack else ())


def test_a_format_lacks_what_it_cannot_say() -> None:
    everything = question(PICTURE, PDF, tools=[Tool("add")], response_format=FORM, effort="low", stop=["x"])
    lacks = {lack.what: lack for lack in lacking(everything, provider("huggingface"), SEEING)}
    assert set(lacks) == {"picture", "document", "tools", "schema", "effort"}
    assert {lack.of for lack in lacks.values()} == {"wire"}
    assert lacks["schema"].instead == "prompt"
    assert {lack.what for lack in lacking(everything, provider("dialogflow"), SEEING)} == {*lacks, "stop"}
    assert takes("picture", provider(lacks=["picture"]), SEEING) is False


def test_what_is_sent_instead_is_noted() -> None:
    request = question(
        PDF, tools=[Tool("add")], tool_choice="add", response_format=FORM, effort="high", stop=list("abcde")
    )
    able = fitted(request, provider(), BLIND)
    sent = able.request
    assert (sent.tools, sent.tool_choice, sent.effort, sent.stop) == ((), None, None, ("a", "b", "c", "d"))
    assert sent.response_format == ResponseFormat("json")
    assert '{"type": "object"}' in sent.messages[0].text
    assert sent.messages[1].media[0].data == b""
    assert "what was read" in sent.messages[1].text
    assert set(able.notes()) == {
        Note("document_as_text", "1"),
        Note("parameter_dropped", "tools"),
        Note("form_in_prompt", "schema"),
        Note("parameter_dropped", "effort"),
        Note("stops_sent", "4"),
    }
    assert fitted(sent, provider(), BLIND).request == sent


def test_a_plain_request_is_the_very_same() -> None:
    request = ChatRequest([Message("user", "Hi")])
    for wire in FORMATS:
        assert fitted(request, provider(wire), BLIND).request is request


@pytest.mark.parametrize(
    ("name", "fields", "notes"),
    [
        ("claude-haiku-4-5", {"effort": "high", "temperature": 0.5}, (Note("parameter_dropped", "temperature"),)),
        ("claude-haiku-4-5", {"temperature": 0.5}, ()),
        ("claude-haiku-4-5", {"effort": "high", "max_output_tokens": 2_000}, (Note("effort_sent", "1999"),)),
        ("claude-haiku-4-5", {"effort": "high", "max_output_tokens": 700}, (Note("parameter_dropped", "effort"),)),
        (
            "claude-haiku-4-5",
            {"effort": "low", "tools": [Tool("add")], "tool_choice": "add"},
            (Note("parameter_dropped", "effort"),),
        ),
        ("claude-opus-5-5", {"top_p": 0.5}, (Note("parameter_dropped", "top_p"),)),
        ("my-own-model", {"top_p": 0.5}, ()),
    ],
)
def test_what_anthropic_refuses_of_two_together_is_told(
    name: str, fields: dict[str, Any], notes: tuple[Note, ...]
) -> None:
    assert fitted(question(**fields), provider("anthropic"), Model(f"p/{name}", name, "p")).notes() == notes


def test_which_tool_is_called_is_kept_where_it_cannot_be_said() -> None:
    request = question(tools=[Tool("add"), Tool("see")], tool_choice="see")
    able = fitted(request, provider("ollama"), SEEING)
    assert ([tool.name for tool in able.request.tools], able.request.tool_choice) == (["see"], None)
    assert able.notes() == (Note("parameter_dropped", "tool_choice"),)
    none = fitted(question(tools=[Tool("add")], tool_choice="none"), provider("ollama"), SEEING)
    assert none.request.tools == ()
    body = FORMATS["cohere"].encode(request, provider("cohere"), SEEING, stream=True).body or {}
    assert [tool["function"]["name"] for tool in body["tools"]] == ["see"]
    assert body["tool_choice"] == "REQUIRED"


def test_pictures_of_earlier_turns_are_left_out_and_those_of_the_question_refused() -> None:
    turns = [Message("user", [Text("What?"), PICTURE]), Message("assistant", "A cat."), Message("user", "Why?")]
    able = fitted(ChatRequest(turns), provider(), BLIND)
    assert not able.refused
    assert able.notes() == (Note("pictures_left_out", "1"),)
    assert able.request.messages[0].text == "What?"
    refused = fitted(question(PICTURE), provider(), BLIND).refused
    assert refusal(refused[0], BLIND, provider()).message == (
        "m cannot see pictures: choose a model that can, or remove the pictures."
    )


def test_calls_of_tools_become_text_for_a_model_without_tools() -> None:
    turns = [
        Message("user", "1 + 1?"),
        Message("assistant", [ToolCall("1", "add", "{}")]),
        Message("tool", [ToolResult("1", "add", "2")]),
    ]
    sent = fitted(ChatRequest(turns), provider(), BLIND).request.messages
    assert [(turn.role, turn.text) for turn in sent[1:]] == [("assistant", "add({})"), ("user", "add: 2")]


def test_the_file_of_a_masked_document_does_not_leave() -> None:
    before = [Message("user", ""), Message("user", [Text("Hi"), PDF])]
    masked = Message("user", [Text("Hi"), Document("a.pdf", "[name]", "application/pdf", b"%PDF-1.7 x")])
    (sent,) = with_masked_as_text(before, [masked])
    assert sent.media[0].data == b""
    assert not sent.media[0].sha256
    assert with_masked_as_text(before, before[1:]) == (before[1],)


@pytest.mark.parametrize("schema", ["", "[1]", "{", '"x"'])
def test_a_schema_that_is_none_is_refused(schema: str) -> None:
    with pytest.raises(BadRequest, match="JSON schema"):
        check_forms(question(response_format=ResponseFormat("schema", schema)))


@pytest.mark.parametrize(
    ("wire", "name", "wanted", "quirk", "sent"),
    [
        ("gemini", "gemini-3.8-flash", "none", "", "minimal"),
        ("gemini", "gemini-2.5-flash", "none", "", None),
        ("gemini", "gemini-2.5-pro", "none", "", "128"),
        ("anthropic", "claude-haiku-4-5", 500, "", "1024"),
        ("anthropic", "claude-opus-5", "none", "", None),
        ("anthropic", "claude-opus-5-5", "none", "", "low"),
        ("anthropic", "claude-fable-5", "none", "", "low"),
        ("anthropic", "claude-opus-5", 20_000, "", "high"),
        ("ollama", "qwen3", "high", "", "on"),
        ("ollama", "gpt-oss:20b", "high", "", None),
        ("openai", "glm-5", "low", "thinking", "on"),
        ("openai", "glm-5", "none", "thinking", None),
        ("openai", "qwen", "low", "enable_thinking", None),
    ],
)
def test_an_effort_of_a_model_that_the_catalogue_does_not_know_is_told_as_it_is_sent(
    wire: str, name: str, wanted: Any, quirk: str, sent: str | None
) -> None:
    notes = fitted(question(effort=wanted), provider(wire, effort=quirk), Model(f"p/{name}", name, "p")).notes()
    assert notes == ((Note("effort_sent", sent),) if sent else ())
