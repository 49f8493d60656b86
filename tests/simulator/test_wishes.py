"""The vendors' own clients with pictures, documents, tools, forms and efforts, in every shape of the simulator."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import anthropic
import cohere
import groq
import httpx
import huggingface_hub
import ollama
import openai
import pytest
from google import genai
from google.genai import types
from jsonschema import validate
from mistralai.client import Mistral
from PIL import Image

from core.tools import CALCULATOR
from tests.simulator.conftest import Served

TOOL = CALCULATOR.tool
FUNCTION: Any = {
    "type": "function",
    "function": {"name": TOOL.name, "description": TOOL.description, "parameters": TOOL.parameters},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
SUM, SEE, FORM = "What is 17*23?", "What do you see?", "Anna Schmidt is 31 years old."
SEEN = "40 × 30 pixels (PNG); its main colour is blue (#1e50d2, about 100% of it)."
RESULT = "17*23 = 391, as the tool `calculator` says."


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (30, 80, 210)).save(out, "PNG")
    return out.getvalue()


PICTURE = base64.b64encode(png()).decode()
IMAGE_URL: Any = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}


@pytest.fixture(autouse=True)
def discreet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)


def of_calls(calls: Any) -> list[tuple[str, Any]]:
    return [(call.function.name, json.loads(call.function.arguments)) for call in calls]


def chat_completions(create: Callable[..., Any], **names: str) -> None:
    """What all that took over chat completions have in common."""
    reply = create(model="quick", messages=[{"role": "user", "content": [{"type": "text", "text": SEE}, IMAGE_URL]}])
    assert SEEN in reply.choices[0].message.content
    turns: list[Any] = [{"role": "user", "content": SUM}]
    reply = create(model="quick", messages=turns, tools=[FUNCTION])
    message = reply.choices[0].message
    assert reply.choices[0].finish_reason == "tool_calls"
    assert of_calls(message.tool_calls) == [("calculator", {"expression": "17*23"})]
    call = message.tool_calls[0]
    function = {"name": call.function.name, "arguments": call.function.arguments}
    turns += [
        {"role": "assistant", "content": "", "tool_calls": [{"id": call.id, "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": call.id, "content": "391"},
    ]
    assert RESULT in create(model="quick", messages=turns, tools=[FUNCTION]).choices[0].message.content
    form = {"type": "json_schema", "json_schema": {"name": "person", names.get("schema", "schema"): SCHEMA}}
    reply = create(model="quick", messages=[{"role": "user", "content": FORM}], response_format=form)
    assert json.loads(reply.choices[0].message.content) == {"name": "Anna Schmidt", "age": 31}


def test_openai(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        create = client.chat.completions.create
        chat_completions(create)
        thought = {}
        for effort in ("none", "low", "high"):
            reply = create(model="quick", messages=[{"role": "user", "content": "Why?"}], reasoning_effort=effort)
            assert reply.usage
            assert reply.usage.completion_tokens_details
            thought[effort] = reply.usage.completion_tokens_details.reasoning_tokens or 0
        assert thought["none"] == 0 < thought["low"] <= 40 < thought["high"] <= 640
        with client.chat.completions.stream(
            model="thinker", messages=[{"role": "user", "content": SUM}], tools=[FUNCTION]
        ) as events:
            pieces = [event.arguments_delta for event in events if event.type == "tool_calls.function.arguments.delta"]
            final = events.get_final_completion()
        assert len(pieces) > 3
        assert json.loads("".join(pieces)) == {"expression": "17*23"}
        assert final.choices[0].finish_reason == "tool_calls"
        file: Any = {
            "type": "file",
            "file": {"filename": "notes.txt", "file_data": "data:text/plain;base64,T25lIHR3bwo="},
        }
        text = create(model="quick", messages=[{"role": "user", "content": [file]}]).choices[0].message.content
        assert text
        assert "**notes.txt**: 2 words, 8 characters. Its first line is: “One two”" in text
        far: Any = {"type": "image_url", "image_url": {"url": "https://something.invalid/a.png"}}
        broken: Any = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
        with pytest.raises(openai.BadRequestError, match="fetches nothing"):
            create(model="quick", messages=[{"role": "user", "content": [far]}])
        with pytest.raises(openai.BadRequestError, match="could not be read"):
            create(model="quick", messages=[{"role": "user", "content": [broken]}])


def test_openais_responses(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        create = client.responses.create
        image: Any = {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE}", "detail": "auto"}
        content: Any = [{"role": "user", "content": [{"type": "input_text", "text": SEE}, image]}]
        assert SEEN in create(model="quick", input=content).output_text
        tool: Any = {"type": "function", "strict": True, **FUNCTION["function"]}
        turns: list[Any] = [{"role": "user", "content": SUM}]
        first = create(model="thinker", input=turns, tools=[tool], include=["reasoning.encrypted_content"])
        assert [item.type for item in first.output] == ["reasoning", "function_call"]
        call: Any = first.output[1]
        assert json.loads(call.arguments) == {"expression": "17*23"}
        turns += [*first.output, {"type": "function_call_output", "call_id": call.call_id, "output": "391"}]
        assert RESULT in create(model="thinker", input=turns, tools=[tool]).output_text
        forged = [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "forged"}, *turns]
        with pytest.raises(openai.BadRequestError, match="cannot be verified"):
            create(model="thinker", input=forged)
        with client.responses.stream(model="quick", input=SUM, tools=[tool]) as events:
            kinds = [event.type for event in events]
            streamed: Any = events.get_final_response().output[0]
        assert kinds.count("response.function_call_arguments.delta") > 3
        assert json.loads(streamed.arguments) == {"expression": "17*23"}
        form: Any = {"format": {"type": "json_schema", "name": "person", "schema": SCHEMA, "strict": True}}
        assert json.loads(create(model="quick", input=FORM, text=form).output_text)["age"] == 31
        low = create(model="quick", input="Why?", reasoning={"effort": "low"}).usage
        assert low
        assert 0 < low.output_tokens_details.reasoning_tokens <= 40


def test_anthropic(served: Served) -> None:
    with anthropic.Anthropic(base_url=served.url, api_key="any", max_retries=0) as client:
        create = client.messages.create
        image: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}}
        words: Any = {"type": "text", "text": SEE}
        seen: Any = create(model="quick", max_tokens=999, messages=[{"role": "user", "content": [image, words]}])
        assert SEEN in seen.content[0].text
        tool: Any = {"name": TOOL.name, "description": TOOL.description, "input_schema": TOOL.parameters}
        thinking: Any = {"type": "enabled", "budget_tokens": 1024}
        turns: list[Any] = [{"role": "user", "content": SUM}]
        question: dict[str, Any] = {"model": "quick", "max_tokens": 4000, "tools": [tool], "thinking": thinking}
        with client.messages.stream(**question, messages=turns) as events:
            pieces = [event.partial_json for event in events if event.type == "input_json"]
            first = events.get_final_message()
        assert len(pieces) > 3
        assert [block.type for block in first.content] == ["thinking", "tool_use"]
        assert first.stop_reason == "tool_use"
        use: Any = first.content[1]
        assert use.input == {"expression": "17*23"}
        result = {"type": "tool_result", "tool_use_id": use.id, "content": "391"}
        turns += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
        last: Any = create(**question, messages=turns)
        assert RESULT in last.content[-1].text
        turns[1] = {"role": "assistant", "content": first.content[1:]}
        with pytest.raises(anthropic.BadRequestError, match="found `tool_use`"):
            create(**question, messages=turns)
        forged = first.content[0].model_copy(update={"signature": "Zm9yZ2Vk"})
        turns[1] = {"role": "assistant", "content": [forged, *first.content[1:]]}
        with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
            create(**question, messages=turns)
        form: Any = {"format": {"type": "json_schema", "schema": SCHEMA}}
        body: Any = {"model": "quick", "max_tokens": 99, "messages": [{"role": "user", "content": FORM}]}
        formed: Any = create(**body, output_config=form)
        assert json.loads(formed.content[0].text)["name"] == "Anna Schmidt"


def test_gemini(served: Served) -> None:
    client = genai.Client(api_key="any", http_options=types.HttpOptions(base_url=served.url, api_version="v1beta"))
    with client:
        generate = client.models.generate_content
        looking: Any = [types.Part.from_bytes(data=png(), mime_type="image/png"), SEE]
        assert SEEN in (generate(model="quick", contents=looking).text or "")
        declared = types.FunctionDeclaration(
            name=TOOL.name, description=TOOL.description, parameters_json_schema=TOOL.parameters
        )
        config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])
        contents: list[Any] = [types.Content(role="user", parts=[types.Part(text=SUM)])]
        whole = generate(model="quick", contents=contents, config=config)
        streamed = list(client.models.generate_content_stream(model="quick", contents=contents, config=config))
        calls = [call for reply in streamed for call in reply.function_calls or ()]
        assert [(call.name, call.args) for call in calls] == [("calculator", {"expression": "17*23"})]
        assert whole.candidates
        content = whole.candidates[0].content
        assert content
        assert content.parts
        assert content.parts[-1].thought_signature
        answer = types.Part.from_function_response(name="calculator", response={"result": "391"})
        contents += [content, types.Content(role="user", parts=[answer])]
        assert RESULT in (generate(model="quick", contents=contents, config=config).text or "")
        content.parts[-1].thought_signature = b"forged"
        with pytest.raises(genai.errors.ClientError, match="signature is not valid"):
            generate(model="quick", contents=contents, config=config)
        form = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=SCHEMA)
        assert json.loads(generate(model="quick", contents=FORM, config=form).text or "")["age"] == 31
        thinking = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(thinking_budget=20))
        usage = generate(model="quick", contents="Why?", config=thinking).usage_metadata
        assert usage
        assert 0 < (usage.thoughts_token_count or 0) <= 20


def test_cohere(served: Served) -> None:
    with httpx.Client() as http:
        client = cohere.ClientV2(api_key="any", base_url=served.url, httpx_client=http)
        chat: Any = client.chat
        seen = chat(model="quick", messages=[{"role": "user", "content": [IMAGE_URL]}])
        assert SEEN in seen.message.content[0].text
        turns: list[Any] = [{"role": "user", "content": SUM}]
        first = client.chat(model="quick", messages=turns, tools=[FUNCTION])
        assert first.finish_reason == "TOOL_CALL"
        assert of_calls(first.message.tool_calls) == [("calculator", {"expression": "17*23"})]
        call: Any = (first.message.tool_calls or [])[0]
        turns += [first.message, {"role": "tool", "tool_call_id": call.id, "content": "391"}]
        last: Any = client.chat(model="quick", messages=turns, tools=[FUNCTION])
        assert RESULT in last.message.content[0].text
        kinds = [event.type for event in client.chat_stream(model="quick", messages=turns[:1], tools=[FUNCTION])]
        assert kinds.count("tool-call-delta") > 3
        assert kinds.count("tool-call-start") == kinds.count("tool-call-end") == 1
        form: Any = {"type": "json_object", "json_schema": SCHEMA}
        formed = chat(model="quick", messages=[{"role": "user", "content": FORM}], response_format=form)
        assert json.loads(formed.message.content[0].text)["age"] == 31
        budget: Any = {"type": "enabled", "token_budget": 20}
        thinking = chat(model="quick", messages=[{"role": "user", "content": "Why?"}], thinking=budget)
        assert thinking.message.content[0].type == "thinking"


def test_ollama(served: Served) -> None:
    with ollama.Client(host=served.url) as client:
        seen = client.chat(model="quick", messages=[{"role": "user", "content": SEE, "images": [png()]}])
        assert SEEN in (seen.message.content or "")
        turns: list[Any] = [{"role": "user", "content": SUM}]
        first = client.chat(model="quick", messages=turns, tools=[FUNCTION])
        calls = [call.function for call in first.message.tool_calls or ()]
        assert [(call.name, call.arguments) for call in calls] == [("calculator", {"expression": "17*23"})]
        streamed = list(client.chat(model="quick", messages=turns, tools=[FUNCTION], stream=True))
        assert sum(bool(reply.message.tool_calls) for reply in streamed) == 1
        turns += [first.message, {"role": "tool", "tool_name": "calculator", "content": "391"}]
        assert RESULT in (client.chat(model="quick", messages=turns, tools=[FUNCTION]).message.content or "")
        formed = client.chat(model="quick", messages=[{"role": "user", "content": FORM}], format=SCHEMA)
        assert json.loads(formed.message.content or "")["age"] == 31
        thinking = client.chat(model="quick", messages=[{"role": "user", "content": "Why?"}], think="low")
        assert thinking.message.thinking


def test_groq_mistral_and_hugging_face(served: Served) -> None:
    with groq.Groq(base_url=served.url, api_key="any", max_retries=0) as client:
        chat_completions(client.chat.completions.create)
    with Mistral(api_key="any", server_url=served.url) as mistral:
        chat_completions(mistral.chat.complete, schema="schema_definition")
    chat_completions(huggingface_hub.InferenceClient(base_url=f"{served.url}/v1", token="hf_any").chat_completion)


def test_every_instance_is_valid(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        for schema in SCHEMAS:
            form: Any = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
            reply = client.chat.completions.create(
                model="quick", messages=[{"role": "user", "content": "Tell about 3 things."}], response_format=form
            )
            validate(json.loads(reply.choices[0].message.content or ""), schema)


SCHEMAS: list[dict[str, Any]] = [
    {"type": "array", "items": {"type": "integer", "minimum": 5, "multipleOf": 3}, "minItems": 3, "uniqueItems": True},
    {"enum": ["red", "blue"]},
    {"const": 4},
    {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 3}]},
    {"type": ["string", "null"], "minLength": 30},
    {"type": "string", "format": "date"},
    {"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"},
    {"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 2},
    {"type": "integer", "minimum": -9, "maximum": -4},
    {"type": "object", "required": ["any"], "minProperties": 3},
    {"allOf": [{"type": "object", "properties": {"a": {"type": "boolean"}}}, {"required": ["a"]}]},
    {
        "$defs": {
            "node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "n": {"type": "number"}}}
        },
        "$ref": "#/$defs/node",
    },
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    {"type": "object", "properties": {"list": {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True}}},
]
