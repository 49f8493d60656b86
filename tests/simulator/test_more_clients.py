"""The clients of Ollama, Groq and Mistral, and the tool `llm`, unchanged, against the simulator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import groq
import ollama
import openai
import pytest
from mistralai.client import Mistral
from mistralai.client.errors import SDKError

from tests.simulator.conftest import Served
from tests.simulator.more_clients import MORE_CLIENTS, of_llm

MANY = 100_000
# Reasoning is read by these alone; the others have no field for it.
REASONING = ("ollama", "groq", "mistralai")
every_client = pytest.mark.parametrize("client", MORE_CLIENTS)
whole_and_stream = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))


def prompt_for(*parts: object) -> str:
    """A prompt nobody else asks this server, so that it is always the first attempt."""
    return f"Explain how lighthouses work, {' '.join(map(str, parts))} 请用中文."


@every_client
@whole_and_stream
@pytest.mark.parametrize("model", ["quick", "thinker"])
def test_text_and_usage_are_those_of_the_plan(served: Served, client: str, stream: bool, model: str) -> None:
    prompt = prompt_for(client, stream, model)
    heard, made = MORE_CLIENTS[client](served.url, model, prompt, stream, MANY), served.plan(model, prompt)
    assert heard.text == made.text
    assert (heard.read, heard.wrote) == (made.usage.input_tokens, made.usage.output_tokens)
    assert made.finish is not None
    assert heard.finish in ((None,) if client == "llm" else (made.finish.reason,))
    if client in REASONING:
        assert heard.reasoning == made.reasoning


@every_client
@whole_and_stream
def test_a_low_limit_cuts_the_answer(served: Served, client: str, stream: bool) -> None:
    prompt = prompt_for(client, stream, "cut short")
    heard = MORE_CLIENTS[client](served.url, "steady", prompt, stream, 12)
    assert heard.text == served.plan("steady", prompt, max_tokens=12).text
    assert heard.finish in ((None,) if client == "llm" else ("length",))


KINDS: dict[str, tuple[type[Exception], ...]] = {
    "ollama": (ollama.ResponseError,),
    "groq": (groq.APIStatusError,),
    "mistralai": (SDKError,),
    "llm": (openai.APIStatusError,),
}


# `llm` tries again by itself and waits for it, which no setting of it ends.
REFUSALS = [
    (client, model, code)
    for client in KINDS
    for model, code in (("nobody", 404), ("flaky:429", 429), ("flaky:503", 503))
    if client != "llm" or code == 404
]


@whole_and_stream
@pytest.mark.parametrize(("client", "model", "code"), REFUSALS)
def test_a_refusal_raises_the_clients_own_class(
    served: Served, client: str, stream: bool, model: str, code: int
) -> None:
    with pytest.raises(KINDS[client]) as caught:
        MORE_CLIENTS[client](served.url, model, prompt_for(client, model, stream), stream, MANY)
    error: Any = caught.value
    assert getattr(error, "status_code", None) == code


def listed_by_ollama(url: str) -> list[str | None]:
    with ollama.Client(host=url) as client:
        assert client.show("quick").capabilities == ["completion", "tools", "vision"]
        return [model.model for model in client.list().models]


def listed_by_groq(url: str) -> list[str | None]:
    with groq.Groq(base_url=url, api_key="any") as client:
        return [model.id for model in client.models.list().data]


def listed_by_mistral(url: str) -> list[str | None]:
    with Mistral(api_key="any", server_url=url) as client:
        return [model.id for model in client.models.list().data or ()]


@pytest.mark.parametrize("listed", [listed_by_ollama, listed_by_groq, listed_by_mistral])
def test_the_models_are_listed(served: Served, listed: Callable[[str], list[str | None]]) -> None:
    assert any(name and name.startswith("quick") for name in listed(served.url))


def test_bad_keys_are_refused(served: Served) -> None:
    with groq.Groq(base_url=served.url, api_key="bad-key-1", max_retries=0) as client:
        with pytest.raises(groq.AuthenticationError):
            client.models.list()
    with Mistral(api_key="bad-key-1", server_url=served.url) as other, pytest.raises(SDKError, match="401"):
        other.models.list()
    with of_llm(served.url, "quick", "bad-key-1") as chat, pytest.raises(openai.AuthenticationError):
        chat.prompt("hello").text()
