"""One function for each vendor's own client: what it received, in our words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anthropic
import cohere
import httpx
import huggingface_hub
import openai
from google import genai
from google.genai import types


@dataclass
class Heard:
    """What a client says it received."""

    text: str = ""
    reasoning: str = ""
    finish: str | None = None
    read: int | None = None
    wrote: int | None = None
    thought: int | None = None


def ask_openai(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_completion_tokens": most,
    }
    with client:
        if not stream:
            return whole_openai(client.chat.completions.create(**body))
        heard = Heard()
        for chunk in client.chat.completions.create(**body, stream=True, stream_options={"include_usage": True}):
            for choice in chunk.choices:
                heard.text += choice.delta.content or ""
                heard.reasoning += getattr(choice.delta, "reasoning_content", "") or ""
                heard.finish = choice.finish_reason or heard.finish
            if chunk.usage:
                counted_openai(heard, chunk.usage)
        return heard


def whole_openai(reply: Any) -> Heard:
    """A whole reply in the shape that OpenAI began."""
    choice = reply.choices[0]
    reasoning = getattr(choice.message, "reasoning_content", "") or getattr(choice.message, "reasoning", "") or ""
    return counted_openai(Heard(choice.message.content or "", reasoning, choice.finish_reason), reply.usage)


def counted_openai(heard: Heard, usage: Any) -> Heard:
    heard.read, heard.wrote = usage.prompt_tokens, usage.completion_tokens
    heard.thought = usage.completion_tokens_details.reasoning_tokens
    return heard


def ask_anthropic(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    with anthropic.Anthropic(base_url=url, api_key="any", max_retries=0) as client:
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": most,
        }
        if stream:
            with client.messages.stream(**body) as events:
                reply = events.get_final_message()
        else:
            reply = client.messages.create(**body, timeout=60)
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
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": most,
        }
        if not stream:
            reply = client.chat(**body)
            for item in reply.message.content or ():
                heard.text += item.text if item.type == "text" else ""
                heard.reasoning += item.thinking if item.type == "thinking" else ""
            return ended_cohere(heard, reply.finish_reason, reply.usage)
        for event in client.chat_stream(**body):
            if event.type == "content-delta":
                assert event.delta
                assert event.delta.message
                assert event.delta.message.content
                content = event.delta.message.content
                heard.text += content.text or ""
                heard.reasoning += content.thinking or ""
            if event.type == "message-end":
                assert event.delta
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
    body: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}], "model": model, "max_tokens": most}
    if not stream:
        reply = client.chat_completion(**body)
        message = reply.choices[0].message
        heard = Heard(message.content or "", getattr(message, "reasoning_content", None) or "")
        heard.finish = reply.choices[0].finish_reason
        heard.read, heard.wrote = reply.usage.prompt_tokens, reply.usage.completion_tokens
        return heard
    heard = Heard()
    body |= {"stream": True, "stream_options": {"include_usage": True}}
    for chunk in client.chat_completion(**body):
        for choice in chunk.choices:
            heard.text += choice.delta.content or ""
            heard.reasoning += getattr(choice.delta, "reasoning_content", None) or ""
            heard.finish = choice.finish_reason or heard.finish
        if chunk.usage:
            heard.read, heard.wrote = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
    return heard


# (address, model, prompt, stream or whole, most tokens) -> what was heard
CLIENTS: dict[str, Callable[..., Heard]] = {
    "openai": ask_openai,
    "anthropic": ask_anthropic,
    "gemini": ask_gemini,
    "cohere": ask_cohere,
    "huggingface": ask_huggingface,
    "huggingface-chat": ask_huggingface_chat,
}
