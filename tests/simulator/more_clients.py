"""More vendors' own clients: what each received, in our words. `clients.py` holds the first ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import groq
import ollama
from llm.default_plugins.openai_models import Chat
from mistralai.client import Mistral

from tests.simulator.clients import Heard, whole_openai


def user(prompt: str) -> list[Any]:
    return [{"role": "user", "content": prompt}]


def ask_ollama(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    with ollama.Client(host=url) as client:
        body: dict[str, Any] = {"model": model, "messages": user(prompt), "options": {"num_predict": most}}
        replies = client.chat(**body, stream=True) if stream else [client.chat(**body)]
        heard = Heard()
        for reply in replies:
            heard.text += reply.message.content or ""
            heard.reasoning += reply.message.thinking or ""
            heard.finish = reply.done_reason or heard.finish
            heard.read, heard.wrote = reply.prompt_eval_count, reply.eval_count
        return heard


def ask_groq(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    with groq.Groq(base_url=url, api_key="any", max_retries=0) as client:
        body: dict[str, Any] = {"model": model, "messages": user(prompt), "max_completion_tokens": most}
        if not stream:
            return whole_openai(client.chat.completions.create(**body))
        heard = Heard()
        for chunk in client.chat.completions.create(**body, stream=True):
            heard_of(heard, chunk)
        return heard


def ask_mistral(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    heard = Heard()
    with Mistral(api_key="any", server_url=url) as client:
        body: dict[str, Any] = {"model": model, "messages": user(prompt), "max_tokens": most}
        if not stream:
            reply = client.chat.complete(**body)
            hear(heard, reply.choices[0].message.content)
            heard.finish = reply.choices[0].finish_reason
            heard.read, heard.wrote = reply.usage.prompt_tokens, reply.usage.completion_tokens
            return heard
        with client.chat.stream(**body) as events:
            for event in events:
                heard_of(heard, event.data)
    return heard


def ask_llm(url: str, model: str, prompt: str, stream: bool, most: int) -> Heard:
    with of_llm(url, model) as chat:
        response = chat.prompt(prompt, stream=stream, max_tokens=most)
        heard = Heard("".join(response))
        usage = response.usage()
    heard.read, heard.wrote = usage.input, usage.output
    return heard


@contextmanager
def of_llm(url: str, model: str, key: str = "any") -> Iterator[Chat]:
    """A model as an entry in its extra-openai-models.yaml makes it. Clients it leaves open are closed."""
    chat = Chat(model, key=key, model_name=model, api_base=f"{url}/v1")
    with ExitStack() as made:
        make = chat.get_client
        chat.get_client = lambda *arguments, **more: made.enter_context(make(*arguments, **more))  # type: ignore[method-assign]
        yield chat


def hear(heard: Heard, content: Any) -> None:
    """A text, or Mistral's list of texts and thoughts."""
    for part in [content] if isinstance(content, str) else content or ():
        heard.text += part if isinstance(part, str) else getattr(part, "text", None) or ""
        heard.reasoning += "".join(thought.text for thought in getattr(part, "thinking", None) or ())


def heard_of(heard: Heard, chunk: Any) -> None:
    """A chunk in the shape that OpenAI began."""
    for choice in chunk.choices:
        hear(heard, choice.delta.content)
        heard.reasoning += getattr(choice.delta, "reasoning", None) or ""
        heard.finish = choice.finish_reason or heard.finish
    of_groq = getattr(chunk, "x_groq", None)
    usage = getattr(chunk, "usage", None) or (of_groq and of_groq.usage)
    if usage:
        heard.read, heard.wrote = usage.prompt_tokens, usage.completion_tokens


# (address, model, prompt, stream or whole, most tokens) -> what was heard
MORE_CLIENTS: dict[str, Callable[..., Heard]] = {
    "ollama": ask_ollama,
    "groq": ask_groq,
    "mistralai": ask_mistral,
    "llm": ask_llm,
}
