"""The question of a recorded exchange, encoded by us as its own client wrote it.

A capture with a `request.json` holds the recorded body. What ours says otherwise is named below, place by place, so
that neither a new difference nor a vanished one passes: "-" stands only in the recorded body, "+" only in ours, "~" in
both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.providers.catalog import load
from core.records import (
    ChatRequest,
    Document,
    Message,
    Model,
    Picture,
    ResponseFormat,
    Sound,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from core.wire import FORMATS
from core.wire.base64_media import from_base64
from tests.wire.replay import stream
from tests.wire.test_captures import FOLDER

CATALOG = load()
RECORDED = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*/request.json"))
}


def body_of(case: str) -> dict[str, Any]:
    return dict(RECORDED[case]["body"])


def question(text: str, *parts: Any, **more: Any) -> ChatRequest:
    return ChatRequest([Message("user", [Text(text), *parts])], **more)


def form(schema: Any, name: str = "CityLocation") -> ResponseFormat:
    return ResponseFormat("schema", json.dumps(schema), name)


def pdf(data: str, name: str = "filename.pdf") -> Document:
    part = from_base64(data.rpartition(",")[2])
    assert isinstance(part, Document)
    return Document(name, "what was read", part.media_type, part.data)


def sound(data: str) -> Sound:
    part = from_base64(data)
    assert isinstance(part, Sound)
    return part


def picture(url: str) -> Picture:
    part = from_base64(url.rpartition(",")[2])
    assert isinstance(part, Picture)
    return part


def tool_of(function: dict[str, Any]) -> Tool:
    return Tool(function["name"], function["description"], json.dumps(function["parameters"]))


def file_of(case: str) -> Any:
    """The second part of the first question of a recorded body."""
    body = body_of(case)
    turn = (body.get("messages") or body["contents"])[0]
    return (turn.get("content") or turn["parts"])[1]


def openai_form(case: str) -> ResponseFormat:
    schema = body_of(case)["response_format"]["json_schema"]
    return form(schema["schema"], schema["name"])


def after_apples(case: str, file: Document) -> ChatRequest:
    return ChatRequest(
        [
            Message("user", [Text("What's the title of this document?"), file]),
            Message("assistant", "The title of this document is **Apples are tasty**."),
            Message(
                "user", [Text("What apple is not tasty according to the document?"), Text("Two word answer only.")]
            ),
        ],
        max_output_tokens=4096 if "anthropic" in case else None,
        temperature=None if "anthropic" in case else 0,
    )


def after_a_call() -> ChatRequest:
    call = ToolCall("call_tkOuQT3mf2fpSYORlhv2Ov0R", "get_user_country")
    return ChatRequest(
        [
            Message("user", "What is the largest city in the user country?"),
            Message("assistant", [call]),
            Message("tool", [ToolResult(call.id, call.name, "Mexico")]),
        ],
        response_format=openai_form("openai_schema"),
        tools=[Tool(call.name, "", '{"additionalProperties": false, "properties": {}, "type": "object"}')],
        tool_choice="auto",
    )


def after_a_thought() -> ChatRequest:
    """The reply of the capture goes back as it was read from it."""
    first, _, second = body_of("openrouter_thought_back")["messages"]
    answer = stream("openai", "json", (FOLDER / "openrouter_thought_back" / "body.txt").read_bytes()).answer
    parts = [*answer.parts("openrouter"), Text(answer.text)]
    return ChatRequest(
        [Message("user", first["content"]), Message("assistant", parts), Message("user", second["content"])]
    )


def article(case: str, **more: Any) -> ChatRequest:
    return question(body_of(case)["messages"][0]["content"][0]["text"], response_format=openai_form(case), **more)


PERSON = [
    Message("user", "Generate the name and age of a random person."),
    Message("assistant", '{"name":"Eleanor Thompson","age":28}'),
    Message("user", "What is the name of the person?"),
]
QUESTIONS = {
    "anthropic_pdf": lambda: after_apples("anthropic_pdf", pdf(file_of("anthropic_pdf")["source"]["data"])),
    "anthropic_schema": lambda: question(
        "Tell me about London", response_format=form(body_of("anthropic_schema")["output_config"]["format"]["schema"])
    ),
    "cohere_picture": lambda: question("Describe this image", picture(file_of("cohere_picture")["image_url"]["url"])),
    "cohere_thought_and_call": lambda: ChatRequest(
        [Message("user", body_of("cohere_thought_and_call")["messages"][0]["content"])],
        tools=[tool_of(body_of("cohere_thought_and_call")["tools"][0]["function"])],
        temperature=0.3,
    ),
    "gemini_pdf": lambda: after_apples("gemini_pdf", pdf(file_of("gemini_pdf")["inlineData"]["data"])),
    "gemini_schema": lambda: question(
        "What is the largest city in Mexico?",
        response_format=form(body_of("gemini_schema")["generationConfig"]["responseJsonSchema"]),
    ),
    "gemini_sound": lambda: question(
        "In one word, is this a musical tone/beep, or human speech?",
        sound(file_of("gemini_sound")["inlineData"]["data"]),
        temperature=0,
    ),
    "groq_schema": lambda: question("What is the largest city in Mexico?", response_format=openai_form("groq_schema")),
    "huggingface_router_schema": lambda: article("huggingface_router_schema"),
    "huggingface_router_stream": lambda: ChatRequest(PERSON),
    "mistral_schema": lambda: article("mistral_schema", seed=1014),
    "ollama_schema": lambda: question(
        body_of("ollama_schema")["messages"][0]["content"],
        response_format=form(body_of("ollama_schema")["format"]),
        temperature=0,
    ),
    "openai_pdf": lambda: question(
        "What is the main content on this document?", pdf(file_of("openai_pdf")["file"]["file_data"])
    ),
    "openai_schema": after_a_call,
    "openai_sound": lambda: question(
        "Whose name is mentioned in the audio?", sound(file_of("openai_sound")["input_audio"]["data"])
    ),
    "openrouter_pdf": lambda: question(
        "What does this PDF contain? Answer in one short sentence.",
        pdf(file_of("openrouter_pdf")["file"]["file_data"]),
    ),
    "openrouter_schema": lambda: article("openrouter_schema", seed=1014),
    "openrouter_thought_back": after_a_thought,
}
DESCRIBED = "- response_format.json_schema.description"
STRICTER = "+ response_format.json_schema.strict"
OTHERWISE = {
    # Its client sends an empty system text, no tools and marks for caches; texts of one turn are one text in ours.
    "anthropic_pdf": {"~ messages.2.content", "- system", "- tools", "+ messages.0.content.1.title"},
    "cohere_picture": {"- messages.0.content.1.image_url.detail"},
    "gemini_pdf": {"~ contents.2.parts"},
    "gemini_schema": {"- generationConfig.responseModalities"},
    "groq_schema": {"- n", DESCRIBED},
    "huggingface_router_schema": {DESCRIBED, STRICTER},
    "mistral_schema": {DESCRIBED},
    "openai_pdf": {"- n"},
    "openai_schema": {DESCRIBED},
    "openai_sound": {"- n"},
    "openrouter_schema": {DESCRIBED, STRICTER},
}


def differences(recorded: Any, sent_body: Any, place: str = "") -> Iterator[str]:
    """A text and a list with this one text say the same; so do a field that is null and none."""
    if isinstance(recorded, dict) and isinstance(sent_body, dict):
        for name in sorted({*recorded, *sent_body}):
            where = f"{place}.{name}".removeprefix(".")
            if recorded.get(name) is None or sent_body.get(name) is None:
                if recorded.get(name) is not sent_body.get(name):
                    yield f"{'+' if recorded.get(name) is None else '-'} {where}"
            else:
                yield from differences(recorded[name], sent_body[name], where)
    elif isinstance(recorded, list) and isinstance(sent_body, list) and len(recorded) == len(sent_body):
        for number, (recorded_item, our_item) in enumerate(zip(recorded, sent_body, strict=True)):
            yield from differences(recorded_item, our_item, f"{place}.{number}")
    elif texts_of(recorded) != texts_of(sent_body):
        yield f"~ {place}"


def texts_of(content: Any) -> Any:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


@pytest.mark.parametrize("case", RECORDED)
def test_our_question_is_the_recorded_one(case: str) -> None:
    provider, recorded = CATALOG.providers[RECORDED[case]["provider"]], body_of(case)
    name = recorded.get("model", "gemini-3-flash-preview")
    model = Model(f"{provider.id}/{name}", name, provider.id)
    streams = recorded.get("stream", provider.wire == "gemini")
    sent = FORMATS[provider.wire].encode(QUESTIONS[case](), provider, model, stream=streams).body
    sent_body = json.loads(json.dumps(sent))
    assert set(differences(recorded, sent_body)) == OTHERWISE.get(case, set())
