"""The vendors' own clients with several wishes in one streamed question: a picture, tools, a form, thinking."""

from __future__ import annotations

import json
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
from mistralai.client import Mistral

from core.tools import CALCULATOR
from tests.simulator.conftest import Served
from tests.simulator.test_wishes import FORM, FUNCTION, IMAGE_URL, PICTURE, SCHEMA, SUM, png

TOOL = CALCULATOR.tool
LOOK_AND_ADD: Any = [{"type": "text", "text": SUM}, IMAGE_URL]
LOOK_AND_FILL: Any = [{"type": "text", "text": FORM}, IMAGE_URL]
JSON_SCHEMA: Any = {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}}
PERSON = {"name": "Anna Schmidt", "age": 31}
EXPRESSION = {"expression": "17*23"}


@pytest.fixture(autouse=True)
def discreet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


def streamed(chunks: Any) -> tuple[str, dict[int, str], str | None]:
    """The text, the arguments of each call, and the reason of a streamed chat completion."""
    text, arguments, reason = "", dict[int, str](), None
    for chunk in chunks:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
            for call in choice.delta.tool_calls or ():
                arguments[call.index] = arguments.get(call.index, "") + (call.function.arguments or "")
    return text, arguments, reason


def chat_completions(stream: Any) -> None:
    """A picture with tools, and one with a form: what all have in common that took over chat completions."""
    text, arguments, reason = streamed(stream(messages=user(LOOK_AND_ADD), tools=[FUNCTION]))
    assert {place: json.loads(written) for place, written in arguments.items()} == {0: EXPRESSION}
    assert (text, reason) == ("", "tool_calls")
    text, arguments, reason = streamed(stream(messages=user(LOOK_AND_FILL), response_format=JSON_SCHEMA))
    assert (json.loads(text), arguments, reason) == (PERSON, {}, "stop")


def test_chat_completions_of_openai_groq_and_hugging_face(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        chat_completions(lambda **asked_for: client.chat.completions.create(model="quick", stream=True, **asked_for))
        with client.chat.completions.stream(
            model="thinker",
            messages=user(LOOK_AND_FILL),
            response_format=JSON_SCHEMA,
            reasoning_effort="low",
            stream_options={"include_usage": True},
        ) as events:
            final = events.get_final_completion()
        assert json.loads(final.choices[0].message.content or "") == PERSON
        assert final.usage
        assert final.usage.completion_tokens_details
        assert 0 < (final.usage.completion_tokens_details.reasoning_tokens or 0) <= 40
    with groq.Groq(base_url=served.url, api_key="any", max_retries=0) as groq_client:
        chat_completions(
            lambda **asked_for: groq_client.chat.completions.create(model="quick", stream=True, **asked_for)
        )
    hub = huggingface_hub.InferenceClient(base_url=f"{served.url}/v1", token="hf_any")
    chat_completions(lambda **asked_for: hub.chat_completion(model="quick", stream=True, **asked_for))


def test_mistral(served: Served) -> None:
    with Mistral(api_key="any", server_url=served.url) as client:
        named: Any = {"type": "json_schema", "json_schema": {"name": "person", "schema_definition": SCHEMA}}
        chunks = [
            event.data for event in client.chat.stream(model="quick", messages=user(LOOK_AND_ADD), tools=[FUNCTION])
        ]
        calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or ()]
        assert "".join(str(call.function.arguments) for call in calls) == json.dumps(EXPRESSION)
        events = client.chat.stream(model="quick", messages=user(LOOK_AND_FILL), response_format=named)
        text = "".join(str(event.data.choices[0].delta.content or "") for event in events)
        assert json.loads(text) == PERSON


def test_anthropic(served: Served) -> None:
    image: Any = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}}
    tool: Any = {"name": TOOL.name, "description": TOOL.description, "input_schema": TOOL.parameters}
    thinking: Any = {"type": "adaptive", "display": "summarized"}
    with anthropic.Anthropic(base_url=served.url, api_key="any", max_retries=0) as client:
        with client.messages.stream(
            model="quick",
            max_tokens=4000,
            messages=user([image, {"type": "text", "text": SUM}]),
            tools=[tool],
            thinking=thinking,
            output_config={"effort": "low"},
        ) as events:
            final = events.get_final_message()
        assert [block.type for block in final.content] == ["thinking", "tool_use"]
        use: Any = final.content[-1]
        assert (use.input, final.stop_reason) == (EXPRESSION, "tool_use")
        form: Any = {"format": {"type": "json_schema", "schema": SCHEMA}, "effort": "low"}
        with client.messages.stream(
            model="quick",
            max_tokens=4000,
            messages=user([image, {"type": "text", "text": FORM}]),
            output_config=form,
            thinking=thinking,
        ) as events:
            formed: Any = events.get_final_message().content
        assert json.loads(formed[-1].text) == PERSON


def test_gemini(served: Served) -> None:
    declared = types.FunctionDeclaration(
        name=TOOL.name, description=TOOL.description, parameters_json_schema=TOOL.parameters
    )
    picture: Any = types.Part.from_bytes(data=png(), mime_type="image/png")
    client = genai.Client(api_key="any", http_options=types.HttpOptions(base_url=served.url, api_version="v1beta"))
    with client:
        stream = client.models.generate_content_stream
        config = types.GenerateContentConfig(
            tools=[types.Tool(function_declarations=[declared])],
            thinking_config=types.ThinkingConfig(thinking_budget=20, include_thoughts=True),
        )
        replies = list(stream(model="quick", contents=[picture, SUM], config=config))
        calls = [call for reply in replies for call in reply.function_calls or ()]
        assert [(call.name, call.args) for call in calls] == [("calculator", EXPRESSION)]
        form = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=SCHEMA)
        text = "".join(reply.text or "" for reply in stream(model="quick", contents=[picture, FORM], config=form))
        assert json.loads(text) == PERSON


def test_cohere(served: Served) -> None:
    with httpx.Client() as http:
        client: Any = cohere.ClientV2(api_key="any", base_url=served.url, httpx_client=http)
        events = list(client.chat_stream(model="quick", messages=user(LOOK_AND_ADD), tools=[FUNCTION]))
        pieces = [event.delta.message.tool_calls for event in events if event.type == "tool-call-delta"]
        assert json.loads("".join(piece.function.arguments for piece in pieces)) == EXPRESSION
        form = {"type": "json_object", "json_schema": SCHEMA}
        budget = {"type": "enabled", "token_budget": 20}
        events = list(
            client.chat_stream(model="quick", messages=user(LOOK_AND_FILL), response_format=form, thinking=budget)
        )
        contents = [event.delta.message.content for event in events if event.type == "content-delta"]
        assert json.loads("".join(content.text or "" for content in contents)) == PERSON
        assert any(content.thinking for content in contents)


def test_ollama(served: Served) -> None:
    seeing = {"role": "user", "images": [png()]}
    with ollama.Client(host=served.url) as client:
        replies = list(client.chat(model="quick", messages=[{**seeing, "content": SUM}], tools=[FUNCTION], stream=True))
        calls = [call.function for reply in replies for call in reply.message.tool_calls or ()]
        assert [(call.name, call.arguments) for call in calls] == [("calculator", EXPRESSION)]
        formed = list(
            client.chat(model="quick", messages=[{**seeing, "content": FORM}], format=SCHEMA, think="low", stream=True)
        )
        assert json.loads("".join(reply.message.content or "" for reply in formed)) == PERSON
        assert any(reply.message.thinking for reply in formed)
        assert formed[-1].done_reason == "stop"
