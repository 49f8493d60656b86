"""Text generation by `inputs`: hf-inference, Inference Endpoints and TGI. The base is the endpoint's own address.

A base that ends in /models gets the model's name; otherwise the address alone says which model answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..records import ChatRequest, Delta, Finish, HttpRequest, Model, Provider, Served, Usage, WireEvent
from . import failure, openai, shape
from . import served as who
from .endings import finish
from .shape import count, fields, items

SPEAKERS = {"user": "User", "assistant": "Assistant"}


def encode(ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
    parameters = shape.sampling(
        max_new_tokens=ask.max_output_tokens, temperature=ask.temperature, top_p=ask.top_p, seed=ask.seed
    )
    if ask.stop:
        parameters["stop"] = list(ask.stop)
    body = {
        "inputs": prompt(ask),
        "parameters": {
            **parameters,
            "return_full_text": False,
            **({} if provider.quirks.get("no_details") else {"details": True}),
        },
        "stream": stream,
    }
    path = f"/{shape.in_path(model.name)}" if shape.url(provider, "").endswith("/models") else ""
    return shape.post(provider, path, body, "sse" if stream else "json")


def prompt(ask: ChatRequest) -> str:
    """A single question as it is; a conversation as a transcript that ends where the model should continue."""
    system, turns = shape.system_text(ask.messages), shape.turns(ask.messages)
    if len(turns) == 1 and not system:
        return turns[0].text
    lines = [f"{SPEAKERS[turn.role]}: {turn.text}" for turn in turns]
    return "\n\n".join([*([system] if system else []), *lines, "Assistant:"])


def decode(frame: Any) -> Iterator[WireEvent]:
    """One token per frame; the last one repeats the whole text, which is ignored, and brings the details."""
    if "choices" in frame:
        yield from openai.decode(frame)
        return
    if failure.is_error(frame):
        raise failure.error_in(frame)
    if "token" not in frame:
        yield from decode_whole(frame)
        return
    token = fields(frame["token"])
    if (text := token.get("text")) and not token.get("special"):
        yield Delta(text)
    if frame.get("details"):
        yield from _details(frame["details"])
    elif frame.get("generated_text") is not None:
        yield Finish("stop")


def decode_whole(body: Any) -> Iterator[WireEvent]:
    for answer in (body if isinstance(body, list) else [body])[:1]:
        if "choices" in answer:
            yield from openai.decode(answer)
        elif failure.is_error(answer):
            raise failure.error_in(answer)
        elif "generated_text" in answer:
            yield Delta(answer["generated_text"] or "")
            yield from _details(answer.get("details"))


def _details(details: Any) -> Iterator[WireEvent]:
    if not details:
        return
    read = len(items(details.get("prefill"))) or count(details.get("input_length"))
    yield Usage(read or None, count(details.get("generated_tokens")))
    yield from finish(details.get("finish_reason"))


def served(frame: Any) -> Served:
    return who.of_chat(frame)


def models_request(provider: Provider) -> HttpRequest | None:
    return None


def decode_models(body: Any) -> list[str]:
    return shape.names(body)
