"""The vendors' own clients, pointed at the simulator, understand every shape and agree with the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from huggingface_hub.errors import HfHubHTTPError

from core.simulator.plan import ReplyPlan
from tests.simulator.clients import CLIENTS, Heard
from tests.simulator.conftest import Served

MANY = 100_000
PROMPTS = ("Explain how lighthouses work.", "比较猫和狗", "Solve x^2 = 2")


@pytest.fixture(autouse=True)
def discreet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face's client asks the hub about its caller, unless told not to."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)


def prompt_for(*parts: object) -> str:
    """A prompt nobody else asks this server, so that it is always the first attempt."""
    return f"Explain how lighthouses work, {' '.join(map(str, parts))}."


every_client = pytest.mark.parametrize("client", CLIENTS)
whole_and_stream = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def agree(heard: Heard, made: ReplyPlan) -> None:
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
        "flaky:503": (HfHubHTTPError, 503),
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
