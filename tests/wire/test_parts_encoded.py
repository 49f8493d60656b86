"""Pictures, files, tools, efforts and schemas as each format writes them, and a plain question as it always was."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from core.errors import BadRequest
from core.records import (
    ChatRequest,
    Document,
    Effort,
    Message,
    Model,
    Picture,
    Provider,
    ResponseFormat,
    Sound,
    Text,
    Thought,
    Tool,
    ToolCall,
    ToolResult,
)
from core.wire import FORMATS

BASES = {"gemini": "https://api.example.com/v1beta", "ollama": "http://localhost:11434"}
PICTURE = Picture("image/png", b"\x89PNG\r\n\x1a\npixels", name="a.png")
PDF = Document("a.pdf", "what was read", "application/pdf", b"%PDF-1.7 x")
SOUND = Sound("audio/mpeg", b"ID3 sound")
DATA = {part: b64encode(part.data).decode() for part in (PICTURE, PDF, SOUND)}
CALL = ToolCall("call_1", "add", '{"a": 1}', signature="sig", provider_id="p")
TOOL = Tool("add", "Adds.", '{"type": "object", "properties": {"a": {"type": "number"}}}')
SCHEMA = '{"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"], "additionalProperties": false}'
FORM = ResponseFormat("schema", SCHEMA, "the answer")
LOOP = [
    Message("user", "1 + 1?"),
    Message("assistant", [Thought("hm", "sig-t", provider_id="p"), Text("Let me add."), CALL]),
    Message("tool", [ToolResult("call_1", "add", "2")]),
]


def sent(
    wire: str, ask: ChatRequest | list[Any], efforts: tuple[Effort, ...] = (), name: str = "m", **quirks: Any
) -> dict[str, Any]:
    request = ask if isinstance(ask, ChatRequest) else ChatRequest([Message("user", ask)])
    provider = Provider("p", "P", wire, BASES.get(wire, "https://api.example.com/v1"), quirks=quirks)
    body = FORMATS[wire].encode(request, provider, Model(f"p/{name}", name, "p", efforts=efforts), stream=True).body
    json.dumps(body)
    return dict(body or {})


def test_chat_completions_show_pictures_files_and_sounds() -> None:
    (message,) = sent("openai", [Text("What?"), PICTURE, PDF, SOUND], pdf="file")["messages"]
    assert message["content"] == [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DATA[PICTURE]}"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{DATA[PDF]}"}},
        {"type": "input_audio", "input_audio": {"data": DATA[SOUND], "format": "mp3"}},
    ]
    (message,) = sent("openai", [PICTURE, PDF], pdf="document_url", picture_url="bare")["messages"]
    assert message["content"][0]["image_url"] == f"data:image/png;base64,{DATA[PICTURE]}"
    assert message["content"][1]["document_url"].startswith("data:application/pdf;base64,")


def test_a_document_without_its_file_and_one_of_which_pages_were_chosen_go_as_text() -> None:
    pages = Document("a.pdf", "page 3", "application/pdf", b"%PDF-1.7 x", pages="3")
    for part in (Document("a.txt", "hello"), pages):
        (message,) = sent("openai", [Text("What?"), part], pdf="file")["messages"]
        assert message["content"] == f"What?\n\n{part.as_text()}"


def test_a_file_whose_bytes_are_gone_is_told_and_not_left_out() -> None:
    with pytest.raises(BadRequest, match=r"b\.png is not stored any more"):
        sent("openai", [Picture("image/png", sha256="0" * 64, name="b.png")])


def test_chat_completions_call_tools() -> None:
    body = sent("openai", ChatRequest(LOOP, tools=[TOOL], tool_choice="add"))
    assert body["tools"][0]["function"]["parameters"]["properties"] == {"a": {"type": "number"}}
    assert body["tool_choice"] == {"type": "function", "function": {"name": "add"}}
    _, answer, result = body["messages"]
    assert answer["content"] == "Let me add."
    assert answer["tool_calls"][0]["function"] == {"name": "add", "arguments": '{"a": 1}'}
    assert result == {"role": "tool", "tool_call_id": "call_1", "content": "2"}
    mistral = sent(
        "openai", ChatRequest(LOOP, tools=[TOOL], tool_choice="required"), required_tool="any", call_id_characters=9
    )
    _, answer, result = mistral["messages"]
    assert mistral["tool_choice"] == "any"
    assert result["tool_call_id"] == answer["tool_calls"][0]["id"]
    assert len(result["tool_call_id"]) == 9


def test_reasoning_goes_back_only_to_who_wrote_it() -> None:
    assert "reasoning_content" not in sent("openai", ChatRequest(LOOP, tools=[TOOL]))["messages"][1]
    own = sent("openai", ChatRequest(LOOP, tools=[TOOL]), reasoning_back="tools")["messages"][1]
    assert own["reasoning_content"] == "hm"
    row = Thought(encrypted="xyz", id="rs_1", format="openai-responses-v1#encrypted#0", provider_id="p")
    other = Thought("secret", "s", provider_id="other")
    turn = Message("assistant", [row, other, Text("Hi")])
    answer = sent("openai", ChatRequest([Message("user", "a"), turn, Message("user", "b")]))["messages"][1]
    assert answer["reasoning_details"] == [
        {"type": "reasoning.encrypted", "format": "openai-responses-v1", "index": 0, "data": "xyz", "id": "rs_1"}
    ]
    assert "secret" not in str(answer)
    for wire in FORMATS:
        if wire != "dialogflow":
            assert "secret" not in str(sent(wire, ChatRequest([Message("user", "a"), turn, Message("user", "b")])))


@pytest.mark.parametrize(
    ("quirk", "efforts", "wanted", "expected"),
    [
        ("", (), "high", {"reasoning_effort": "high"}),
        ("", ("low", "high"), "medium", {"reasoning_effort": "low"}),
        ("", ("none", "default"), "low", {"reasoning_effort": "default"}),
        ("reasoning", (), "none", {"reasoning": {"enabled": False}}),
        ("reasoning", (), "low", {"reasoning": {"effort": "low"}}),
        ("reasoning", (), 2_000, {"reasoning": {"max_tokens": 2_000}}),
        ("enable_thinking", (), "none", {"enable_thinking": False}),
        ("enable_thinking", (), 5_000, {"enable_thinking": True, "thinking_budget": 5_000}),
        ("thinking", ("toggle",), "none", {"thinking": {"type": "disabled"}}),
        ("thinking", ("toggle",), "high", {"thinking": {"type": "enabled"}}),
        ("thinking", ("toggle", "low", "high"), "high", {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        ("thinking", ("low", "high", "max"), "high", {"reasoning_effort": "high"}),
        ("template", (), "none", {"chat_template_kwargs": {"enable_thinking": False}}),
    ],
)
def test_effort_is_told_as_each_vendor_wants_it(
    quirk: str, efforts: tuple[Effort, ...], wanted: Any, expected: dict[str, Any]
) -> None:
    plain = sent("openai", ChatRequest([Message("user", "Hi")]))
    body = sent("openai", ChatRequest([Message("user", "Hi")], effort=wanted), efforts, effort=quirk)
    assert {name: value for name, value in body.items() if name not in plain} == expected


def test_the_form_of_an_answer() -> None:
    question = [Message("user", "Hi")]
    form = sent("openai", ChatRequest(question, response_format=FORM))["response_format"]
    assert form["json_schema"] == {"name": "the_answer", "schema": json.loads(SCHEMA), "strict": True}
    loose = ResponseFormat("schema", '{"type": "object", "properties": {"n": {"type": "number"}}}')
    assert (
        "strict" not in sent("openai", ChatRequest(question, response_format=loose))["response_format"]["json_schema"]
    )
    body = sent("openai", ChatRequest(question, response_format=ResponseFormat("json")))
    assert body["response_format"] == {"type": "json_object"}
    assert "JSON" in body["messages"][0]["content"]  # some refuse a question that does not say so
    gemini = sent("gemini", ChatRequest(question, response_format=FORM, stop=["x"]))["generationConfig"]
    assert gemini == {
        "stopSequences": ["x"],
        "responseMimeType": "application/json",
        "responseJsonSchema": json.loads(SCHEMA),
    }
    anthropic = sent("anthropic", ChatRequest(question, response_format=FORM, stop=["x"]))
    assert anthropic["output_config"] == {"format": {"type": "json_schema", "schema": json.loads(SCHEMA)}}
    assert anthropic["stop_sequences"] == ["x"]
    cohere = sent("cohere", ChatRequest(question, response_format=FORM, stop=["x"]))
    assert cohere["response_format"] == {"type": "json_object", "json_schema": json.loads(SCHEMA)}
    ollama = sent("ollama", ChatRequest(question, response_format=FORM, stop=["x"]))
    assert (ollama["format"], ollama["options"]) == (json.loads(SCHEMA), {"stop": ["x"]})
    assert sent("huggingface", ChatRequest(question, stop=["x"]))["parameters"]["stop"] == ["x"]


def test_anthropic() -> None:
    body = sent(
        "anthropic",
        ChatRequest([*LOOP, Message("user", [Text("Look."), PICTURE, PDF])], tools=[TOOL], tool_choice="required"),
    )
    _, answer, question = body["messages"]
    assert answer["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "sig-t"},
        {"type": "text", "text": "Let me add."},
        {"type": "tool_use", "id": "call_1", "name": "add", "input": {"a": 1}},
    ]
    assert [block["type"] for block in question["content"]] == ["tool_result", "text", "image", "document"]
    assert question["content"][2]["source"] == {"type": "base64", "media_type": "image/png", "data": DATA[PICTURE]}
    assert body["tool_choice"] == {"type": "any"}
    without = sent("anthropic", ChatRequest(LOOP))
    assert [tool["name"] for tool in without["tools"]] == ["add"]  # it refuses calls of tools that it was not told of


def test_efforts_of_anthropics_generations() -> None:
    def effort(name: str, wanted: Any, **more: Any) -> dict[str, Any]:
        body = sent("anthropic", ChatRequest([Message("user", "Hi")], effort=wanted, **more), name=name)
        return {key: body[key] for key in ("thinking", "output_config", "max_tokens", "temperature") if key in body}

    adaptive = {"type": "adaptive", "display": "summarized"}
    assert effort("claude-opus-5", "high")["thinking"] == adaptive
    assert effort("claude-opus-5", "high")["output_config"] == {"effort": "high"}
    assert effort("claude-opus-5", 20_000)["output_config"] == {"effort": "high"}
    assert effort("claude-opus-5", "none")["thinking"] == {"type": "disabled"}
    old = effort("claude-haiku-4-5", "medium")
    assert old["thinking"] == {"type": "enabled", "budget_tokens": 8_192}
    assert old["max_tokens"] > 8_192
    assert effort("claude-haiku-4-5", "high", max_output_tokens=2_000)["thinking"]["budget_tokens"] == 1_999
    forced: dict[str, Any] = {"tools": [TOOL], "tool_choice": "required"}
    assert "thinking" not in effort("claude-haiku-4-5", "high", **forced)  # it does not think where it must call
    level = effort("claude-opus-5", "high", **forced)
    assert ("thinking" in level, level["output_config"]) == (False, {"effort": "high"})


def test_gemini() -> None:
    turn = Message("assistant", [Thought(signature="sig-p", format="data", provider_id="p"), PICTURE])
    body = sent("gemini", ChatRequest([*LOOP, turn, Message("user", [SOUND, PDF])], tools=[TOOL], tool_choice="add"))
    _, answer, result, picture, question = body["contents"]
    assert answer["parts"][1] == {
        "functionCall": {"name": "add", "args": {"a": 1}, "id": "call_1"},
        "thoughtSignature": "sig",
    }
    assert result["parts"] == [{"functionResponse": {"id": "call_1", "name": "add", "response": {"result": "2"}}}]
    assert picture["parts"][0]["thoughtSignature"] == "sig-p"
    assert [part["inlineData"]["mimeType"] for part in question["parts"]] == ["audio/mpeg", "application/pdf"]
    assert body["toolConfig"]["functionCallingConfig"] == {"mode": "ANY", "allowedFunctionNames": ["add"]}
    unsigned = [Message("user", "a"), Message("assistant", [ToolCall("1", "add")]), LOOP[2]]
    for name, marked in (("gemini-3.8-flash", True), ("gemini-2.5-flash", False)):
        (call,) = sent("gemini", ChatRequest(unsigned, tools=[TOOL]), name=name)["contents"][1]["parts"]
        assert ("thoughtSignature" in call) is marked


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("gemini-3.8-flash", "none", {"thinkingLevel": "minimal", "includeThoughts": True}),
        ("gemini-3.8-flash", "medium", {"thinkingLevel": "medium", "includeThoughts": True}),
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0, "includeThoughts": False}),
        ("gemini-2.5-flash", "low", {"thinkingBudget": 1_024, "includeThoughts": True}),
        ("gemini-2.5-pro", "none", {"thinkingBudget": 128, "includeThoughts": True}),
        ("gemini-2.5-flash", 3_000, {"thinkingBudget": 3_000, "includeThoughts": True}),
    ],
)
def test_efforts_of_geminis_generations(name: str, wanted: Any, expected: dict[str, Any]) -> None:
    body = sent("gemini", ChatRequest([Message("user", "Hi")], effort=wanted), name=name)
    assert body["generationConfig"]["thinkingConfig"] == expected


def test_cohere_and_ollama() -> None:
    cohere = sent(
        "cohere",
        ChatRequest(
            [*LOOP, Message("user", [Text("Look."), PICTURE])], tools=[TOOL], tool_choice="required", effort=500
        ),
    )
    assert cohere["tool_choice"] == "REQUIRED"
    assert cohere["thinking"] == {"type": "enabled", "token_budget": 500}
    assert [message["role"] for message in cohere["messages"]] == ["user", "assistant", "tool", "user"]
    ollama = sent(
        "ollama", ChatRequest([*LOOP, Message("user", [Text("Look."), PICTURE])], tools=[TOOL], effort="none")
    )
    _, answer, result, question = ollama["messages"]
    assert answer["tool_calls"] == [{"function": {"name": "add", "arguments": {"a": 1}}}]
    assert answer["thinking"] == "hm"
    assert result == {"role": "tool", "content": "2", "tool_name": "add"}
    assert question == {"role": "user", "content": "Look.", "images": [DATA[PICTURE]]}
    assert ollama["think"] is False
    assert sent("ollama", ChatRequest([Message("user", "Hi")], effort="low"), ("low", "high"))["think"] == "low"


@pytest.mark.parametrize("wire", ["openai", "anthropic", "cohere", "ollama"])
def test_a_picture_of_an_answer_is_shown_again_with_the_next_question(wire: str) -> None:
    turns = [Message("user", "Draw."), Message("assistant", [Text("Here."), PICTURE]), Message("user", "Bigger.")]
    _, answer, question = sent(wire, ChatRequest(turns))["messages"]
    assert DATA[PICTURE] not in str(answer)
    assert DATA[PICTURE] in str(question)
