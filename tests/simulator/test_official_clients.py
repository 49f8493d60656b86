"""The vendors' own clients, pointed at the simulator, understand every shape and agree with the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import anthropic
import cohere
import httpx
import huggingface_hub
import openai
import pytest
from google import genai
from google.genai import errors as gemini_errors
from google.genai import types
from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError

from core.simulator.plan import Plan
from tests.simulator.conftest import Served

MANY = 100_000
PROMPTS = ("Explain how lighthouses work.", "比较猫和狗", "Solve x^2 = 2")


@dataclass
class Heard:
    """What a client says it received."""

    text: str = ""
    reasoning: str = ""
    finish: str | None = None
    read: int | None = None
    wrote: int | None = None
    thought: int | None = None


def prompt_for(*parts: object) -> str:
    """A prompt nobody else asks this server, so that it is always the first attempt."""
    return f"Explain how lighthouses work, {' '.join(map(str, parts))}."


# --- one function a client: (address, model, prompt, whole or stream, most tokens) -> Heard


def ask_openai(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
    asked: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_completion_tokens": most,
    }
    with client:
        if not stream:
            reply = client.chat.completions.create(**asked)
            message = reply.choices[0].message
            heard = Heard(message.content or "", getattr(message, "reasoning_content", "") or "")
            heard.finish = reply.choices[0].finish_reason
            return counted_openai(heard, reply.usage)
        heard = Heard()
        for chunk in client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}):
            for choice in chunk.choices:
                heard.text += choice.delta.content or ""
                heard.reasoning += getattr(choice.delta, "reasoning_content", "") or ""
                heard.finish = choice.finish_reason or heard.finish
            if chunk.usage:
                counted_openai(heard, chunk.usage)
        return heard


def counted_openai(heard: Heard, usage: Any) -> Heard:
    heard.read, heard.wrote = usage.prompt_tokens, usage.completion_tokens
    heard.thought = usage.completion_tokens_details.reasoning_tokens
    return heard


def ask_anthropic(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    with anthropic.Anthropic(base_url=url, api_key="any", max_retries=0) as client:
        asked: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": most,
        }
        if stream:
            with client.messages.stream(**asked) as events:
                reply = events.get_final_message()
        else:
            reply = client.messages.create(**asked, timeout=60)
    heard = Heard(finish={"end_turn": "stop", "max_tokens": "length"}.get(reply.stop_reason or ""))
    for block in reply.content:
        heard.text += block.text if block.type == "text" else ""
        heard.reasoning += block.thinking if block.type == "thinking" else ""
    heard.read, heard.wrote = reply.usage.input_tokens, reply.usage.output_tokens
    details = reply.usage.output_tokens_details
    heard.thought = details.thinking_tokens if details else None
    return heard


def ask_gemini(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    client = genai.Client(api_key="any", http_options=types.HttpOptions(base_url=url, api_version="v1beta"))
    config = types.GenerateContentConfig(max_output_tokens=most)
    with client:
        if stream:
            replies = list(client.models.generate_content_stream(model=model, contents=prompt, config=config))
        else:
            replies = [client.models.generate_content(model=model, contents=prompt, config=config)]
    heard = Heard()
    for reply in replies:
        for candidate in reply.candidates or ():
            for part in (candidate.content and candidate.content.parts) or ():
                heard.reasoning += (part.text or "") if part.thought else ""
                heard.text += "" if part.thought else (part.text or "")
            if candidate.finish_reason:
                heard.finish = {"STOP": "stop", "MAX_TOKENS": "length"}.get(candidate.finish_reason.name)
        if usage := reply.usage_metadata:
            heard.read, heard.thought = usage.prompt_token_count, usage.thoughts_token_count
            heard.wrote = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    return heard


def ask_cohere(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    heard = Heard()
    with httpx.Client() as http:
        client = cohere.ClientV2(api_key="any", base_url=url, httpx_client=http)
        asked: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": most,
        }
        if not stream:
            reply = client.chat(**asked)
            for item in reply.message.content or ():
                heard.text += item.text if item.type == "text" else ""
                heard.reasoning += item.thinking if item.type == "thinking" else ""
            return ended_cohere(heard, reply.finish_reason, reply.usage)
        for event in client.chat_stream(**asked):
            if event.type == "content-delta":
                content = event.delta.message.content
                heard.text += content.text or ""
                heard.reasoning += content.thinking or ""
            if event.type == "message-end":
                ended_cohere(heard, event.delta.finish_reason, event.delta.usage)
        return heard


def ended_cohere(heard: Heard, finish: str | None, usage: Any) -> Heard:
    heard.finish = {"COMPLETE": "stop", "MAX_TOKENS": "length"}.get(finish or "")
    heard.read, heard.wrote = usage.tokens.input_tokens, usage.tokens.output_tokens
    return heard


def ask_huggingface(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    client = huggingface_hub.InferenceClient(model=f"{url}/models/{model}", token="hf_any")
    if not stream:
        reply = client.text_generation(prompt, details=True, max_new_tokens=most)
        return marked(Heard(reply.generated_text), reply.details)
    heard, details = Heard(), None
    for item in client.text_generation(prompt, details=True, stream=True, max_new_tokens=most):
        heard.text += item.token.text
        details = item.details or details
    return marked(heard, details)


def marked(heard: Heard, details: Any) -> Heard:
    if heard.text.startswith("<think>"):
        heard.reasoning, _, heard.text = heard.text.removeprefix("<think>").partition("</think>")
    heard.finish = {"eos_token": "stop", "length": "length"}.get(details.finish_reason)
    heard.wrote = details.generated_tokens
    return heard


def ask_huggingface_chat(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    client = huggingface_hub.InferenceClient(base_url=f"{url}/v1", token="hf_any")
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}], "model": model, "max_tokens": most}
    if not stream:
        reply = client.chat_completion(**asked)
        message = reply.choices[0].message
        heard = Heard(message.content or "", getattr(message, "reasoning_content", None) or "")
        heard.finish = reply.choices[0].finish_reason
        heard.read, heard.wrote = reply.usage.prompt_tokens, reply.usage.completion_tokens
        return heard
    heard = Heard()
    for chunk in client.chat_completion(**asked, stream=True, stream_options={"include_usage": True}):
        for choice in chunk.choices:
            heard.text += choice.delta.content or ""
            heard.reasoning += getattr(choice.delta, "reasoning_content", None) or ""
            heard.finish = choice.finish_reason or heard.finish
        if chunk.usage:
            heard.read, heard.wrote = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
    return heard


CLIENTS: dict[str, Callable[..., Heard]] = {
    "openai": ask_openai,
    "anthropic": ask_anthropic,
    "gemini": ask_gemini,
    "cohere": ask_cohere,
    "huggingface": ask_huggingface,
    "huggingface-chat": ask_huggingface_chat,
}
every_client = pytest.mark.parametrize("client", CLIENTS)
whole_and_stream = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def agree(heard: Heard, made: Plan) -> None:
    assert heard.text == made.text
    assert heard.reasoning == made.reasoning
    assert made.finish is not None
    assert heard.finish == made.finish.reason
    assert heard.read in (None, made.usage.input_tokens)
    assert heard.wrote == made.usage.output_tokens
    assert heard.thought in (None, made.usage.reasoning_tokens or 0)


@every_client
@whole_and_stream
@pytest.mark.parametrize("model", ["quick", "thinker"])
def test_text_finish_and_usage_are_those_of_the_plan(served: Served, client: str, stream: bool, model: str) -> None:
    prompt = prompt_for(client, stream, model)
    agree(CLIENTS[client](served.url, model, prompt, stream, MANY), served.plan(model, prompt))


@every_client
@whole_and_stream
def test_a_low_limit_ends_with_length(served: Served, client: str, stream: bool) -> None:
    prompt = prompt_for(client, stream, "cut short")
    heard = CLIENTS[client](served.url, "steady", prompt, stream, 12)
    assert heard.finish == "length"
    agree(heard, served.plan("steady", prompt, max_tokens=12))


@every_client
@whole_and_stream
@pytest.mark.parametrize("question", PROMPTS)
def test_any_language_and_markup_survives(served: Served, client: str, stream: bool, question: str) -> None:
    prompt = f"{question} ({client} {stream})"
    assert CLIENTS[client](served.url, "sim/slow", prompt, stream, MANY).text == served.plan("sim/slow", prompt).text


# --- errors: each client raises its own class


def refused_gemini(error: gemini_errors.APIError) -> int:
    return error.code


ERRORS: dict[str, dict[str, tuple[type[Exception], int]]] = {
    "openai": {
        "flaky:429": (openai.RateLimitError, 429),
        "flaky:503": (openai.InternalServerError, 503),
        "nobody": (openai.NotFoundError, 404),
    },
    "anthropic": {
        "flaky:429": (anthropic.RateLimitError, 429),
        "flaky:503": (anthropic.InternalServerError, 529),
        "nobody": (anthropic.NotFoundError, 404),
    },
    "gemini": {
        "flaky:429": (gemini_errors.ClientError, 429),
        "flaky:503": (gemini_errors.ServerError, 503),
        "nobody": (gemini_errors.ClientError, 404),
    },
    "cohere": {
        "flaky:429": (cohere.TooManyRequestsError, 429),
        "flaky:503": (cohere.ServiceUnavailableError, 503),
        "nobody": (cohere.NotFoundError, 404),
    },
    "huggingface": {
        "flaky:429": (HfHubHTTPError, 429),
        "flaky:503": (InferenceTimeoutError, 503),
        "nobody": (HfHubHTTPError, 404),
    },
}
REFUSALS = [(client, model) for client, models in ERRORS.items() for model in models]


def status_of(error: Any) -> int:
    for name in ("status_code", "code"):
        if isinstance(getattr(error, name, None), int):
            return int(getattr(error, name))
    return int(error.response.status_code)


@pytest.mark.parametrize(("client", "model"), REFUSALS)
@whole_and_stream
def test_a_refusal_raises_the_clients_own_class(served: Served, client: str, model: str, stream: bool) -> None:
    kind, code = ERRORS[client][model]
    with pytest.raises(kind) as caught:
        CLIENTS[client](served.url, model, prompt_for(client, model, stream), stream, MANY)
    assert status_of(caught.value) == code


@pytest.fixture
def bad_key_clients(served: Served) -> Iterator[dict[str, Callable[[], object]]]:
    user: Any = [{"role": "user", "content": "hello"}]
    hub = huggingface_hub.InferenceClient(model=f"{served.url}/models/quick", token="bad-key-1")
    options = types.HttpOptions(base_url=served.url)
    with (
        openai.OpenAI(base_url=f"{served.url}/v1", api_key="bad-key-1", max_retries=0) as first,
        anthropic.Anthropic(base_url=served.url, api_key="bad-key-1", max_retries=0) as second,
        genai.Client(api_key="bad-key-1", http_options=options) as third,
        httpx.Client() as http,
    ):
        fourth = cohere.ClientV2(api_key="bad-key-1", base_url=served.url, httpx_client=http)
        yield {
            "openai": lambda: first.chat.completions.create(model="quick", messages=user),
            "anthropic": lambda: second.messages.create(model="quick", messages=user, max_tokens=9),
            "gemini": lambda: third.models.generate_content(model="quick", contents="hello"),
            "cohere": lambda: fourth.chat(model="quick", messages=user),
            "huggingface": lambda: hub.text_generation("hello"),
        }


@pytest.mark.parametrize(
    ("client", "kind"),
    [
        ("openai", openai.AuthenticationError),
        ("anthropic", anthropic.AuthenticationError),
        ("gemini", gemini_errors.ClientError),
        ("cohere", cohere.UnauthorizedError),
        ("huggingface", HfHubHTTPError),
    ],
)
def test_a_bad_key_is_refused_in_each_shape(
    bad_key_clients: dict[str, Callable[[], object]], client: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        bad_key_clients[client]()
    assert status_of(caught.value) == 401


def test_each_client_can_list_the_models(served: Served) -> None:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any") as client:
        assert "quick" in [model.id for model in client.models.list()]
    with anthropic.Anthropic(base_url=served.url, api_key="any") as client:
        assert "quick" in [model.id for model in client.models.list()]
    options = types.HttpOptions(base_url=served.url, api_version="v1beta")
    with genai.Client(api_key="any", http_options=options) as client:
        assert "models/quick" in [model.name for model in client.models.list()]
    with httpx.Client() as http:
        listed = cohere.ClientV2(api_key="any", base_url=served.url, httpx_client=http).models.list()
        assert "quick" in [model.name for model in listed.models]
