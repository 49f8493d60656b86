"""Responses, older completions, Ollama's generate, and the streams that tell their usage unasked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests

from core.records import Message
from core.simulator.plan import plan
from core.simulator.response_store import ResponseStore
from core.simulator.shapes.ask import ParsedRequest
from core.simulator.wish import Unreadable
from tests.simulator.conftest import SEED, Served

PART = [
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
]
THOUGHTS = [
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_summary_part.done",
]
BEGIN = ["response.created", "response.in_progress"]
ITEM = "response.output_item"


def post(served: Served, path: str, body: dict[str, Any], **headers: str) -> requests.Response:
    return requests.post(served.url + path, json=body, headers=headers, timeout=20)


def frames(reply: requests.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in reply.content.decode().splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        yield client


def test_a_whole_response_is_that_of_the_plan(served: Served, client: openai.OpenAI) -> None:
    prompt = "Respond as a whole?"
    reply, made = client.responses.create(model="thinker", input=prompt), served.plan("thinker", prompt)
    thought, answered = reply.output
    assert (reply.status, reply.output_text) == ("completed", made.text)
    assert thought.type == "reasoning"
    assert "".join(part.text for part in thought.summary) == made.reasoning
    assert answered.type == "message"
    assert reply.usage is not None
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (made.input_tokens, made.usage.output_tokens)
    assert reply.usage.output_tokens_details.reasoning_tokens == made.usage.reasoning_tokens


@pytest.mark.parametrize(
    ("model", "order"),
    [
        ("quick", [*BEGIN, f"{ITEM}.added", *PART, f"{ITEM}.done"]),
        ("thinker", [*BEGIN, f"{ITEM}.added", *THOUGHTS, f"{ITEM}.done", f"{ITEM}.added", *PART, f"{ITEM}.done"]),
    ],
)
def test_a_streamed_response_has_openais_events_in_order(
    served: Served, client: openai.OpenAI, model: str, order: list[str]
) -> None:
    prompt = f"Respond in events, {model}?"
    made = served.plan(model, prompt)
    with client.responses.stream(model=model, input=prompt) as stream:
        events = list(stream)
        final = stream.get_final_response()
    kinds: list[str] = []
    for event in events:
        if event.type not in kinds[-1:]:
            kinds.append(event.type)
    assert kinds == [*order, "response.completed"]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == final.output_text == made.text
    assert final.usage is not None
    assert final.usage.output_tokens == made.usage.output_tokens


def test_a_response_that_reached_its_limit_is_incomplete(client: openai.OpenAI) -> None:
    body: Any = {"model": "steady", "input": "Respond in eight tokens?", "max_output_tokens": 8}
    whole = client.responses.create(**body)
    assert whole.status == "incomplete"
    assert whole.incomplete_details is not None
    assert whole.incomplete_details.reason == "max_output_tokens"
    assert [event.type for event in client.responses.create(**body, stream=True)][-1] == "response.incomplete"


def test_responses_read_every_form_of_input(served: Served, client: openai.OpenAI) -> None:
    items: Any = [
        {"role": "developer", "content": "Be kind."},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Read an item?"}]},
    ]
    reply = client.responses.create(model="quick", input=items, instructions="Be brief.")
    assert reply.output_text == served.plan("quick", "Read an item?").text


def test_a_response_goes_on_from_the_one_before(served: Served, client: openai.OpenAI) -> None:
    first = client.responses.create(model="steady", input="Explain tides in turns.", instructions="Be brief.")
    second = client.responses.create(model="steady", input="And the moon?", previous_response_id=first.id)
    turns = [("user", "Explain tides in turns."), ("assistant", first.output_text), ("user", "And the moon?")]
    made = plan("steady", [Message(role, text) for role, text in turns], seed=SEED)  # type: ignore[arg-type]
    assert second.output_text == made.text
    assert second.previous_response_id == first.id
    assert second.usage is not None
    assert second.usage.input_tokens == made.input_tokens
    with pytest.raises(openai.BadRequestError, match="resp_unknown"):
        client.responses.create(model="steady", input="And?", previous_response_id="resp_unknown")


def test_the_oldest_responses_are_forgotten() -> None:
    store, made = ResponseStore(most=2), plan("quick", (Message("user", "Hello"),))
    for name in "abc":
        store.keep(name, ParsedRequest("quick", (Message("user", name),), False), made)
    assert store.with_history(ParsedRequest("quick", (), False, follows="b")).messages[0].text == "b"
    with pytest.raises(Unreadable, match="'a'"):
        store.with_history(ParsedRequest("quick", (), False, follows="a"))


@pytest.mark.parametrize("body", [{}, {"input": 3}, {"input": [3]}, {"input": [{"role": "nobody", "content": "Hi"}]}])
def test_an_input_that_cannot_be_read_is_refused(served: Served, body: dict[str, Any]) -> None:
    assert post(served, "/v1/responses", {"model": "quick", **body}).status_code == 400


def test_refusals_and_cuts_of_responses(client: openai.OpenAI) -> None:
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model="flaky:429", input="Respond?")
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="nobody", input="Respond?", stream=True)
    events = list(client.responses.create(model="flaky:cut", input="Respond?", stream=True))
    assert events[-1].type == "response.output_text.delta"


def test_older_completions_go_on_from_a_prompt(served: Served, client: openai.OpenAI) -> None:
    prompt = "Go on from here"
    made = [served.plan("thinker", prompt, request_seed=seed) for seed in (3, 4)]
    whole = client.completions.create(model="thinker", prompt=prompt, n=2, seed=3, echo=True)
    assert [choice.text for choice in whole.choices] == [prompt + choice.text for choice in made]
    assert [choice.finish_reason for choice in whole.choices] == ["stop", "stop"]
    assert whole.usage is not None
    assert whole.usage.completion_tokens == sum(choice.usage.output_tokens or 0 for choice in made)


def test_older_completions_stream(served: Served, client: openai.OpenAI) -> None:
    body: Any = {"model": "thinker", "prompt": "Go on, piece by piece", "seed": 3}
    *parts, last = client.completions.create(**body, stream=True, stream_options={"include_usage": True})
    made = served.plan("thinker", body["prompt"], request_seed=3)
    assert "".join(part.choices[0].text for part in parts) == made.text
    assert parts[-1].choices[0].finish_reason == "stop"
    assert last.usage is not None
    assert last.usage.completion_tokens == made.usage.output_tokens


@pytest.mark.parametrize("prompt", [["one", "two"], [1, 2, 3], None])
def test_older_completions_take_one_text(served: Served, prompt: Any) -> None:
    reply = post(served, "/v1/completions", {"model": "quick", "prompt": prompt})
    assert (reply.status_code, reply.json()["error"]["message"]) == (400, "The prompt must be one text.")


def test_ollama_generates_whole_and_in_lines(served: Served) -> None:
    body = {"model": "thinker", "prompt": "Generate something?", "options": {"seed": 4}}
    made = served.plan("thinker", "Generate something?", request_seed=4)
    whole = post(served, "/api/generate", {**body, "stream": False}).json()
    assert (whole["response"], whole["thinking"], whole["done"]) == (made.text, made.reasoning, True)
    assert (whole["prompt_eval_count"], whole["eval_count"]) == (made.input_tokens, made.usage.output_tokens)
    parts = whole["prompt_eval_duration"] + whole["eval_duration"]
    assert whole["total_duration"] == pytest.approx(parts, abs=2)
    lines = [json.loads(line) for line in post(served, "/api/generate", body).text.splitlines()]
    assert "".join(line["response"] for line in lines) == made.text
    assert "".join(line.get("thinking", "") for line in lines) == made.reasoning
    assert [line["done"] for line in lines[-2:]] == [False, True]


def test_ollama_generates_with_a_system_prompt(served: Served) -> None:
    body = {"model": "quick", "prompt": "Generate under a rule?", "stream": False}
    plain = post(served, "/api/generate", body).json()
    ruled = post(served, "/api/generate", {**body, "system": "Be brief."}).json()
    assert ruled["prompt_eval_count"] > plain["prompt_eval_count"]
    assert post(served, "/api/generate", {**body, "model": "nobody"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "agent"),
    [
        ("/mistral/v1/chat/completions", "anything"),
        ("/studio/v1/chat/completions", "anything"),
        ("/v1/chat/completions", "mistral-client-python/3.7.0"),
        ("/v1/chat/completions", "ai/6.0 ai-sdk/mistral/3.0 runtime/node.js"),
        ("/chat/completions", "AI21 studio SDK 4.3.0"),
    ],
)
def test_mistrals_and_ai21s_streams_tell_their_usage_with_the_finish_reason(
    served: Served, path: str, agent: str
) -> None:
    prompt = f"Count unasked at {path} for {agent}?"
    body = {"model": "quick", "messages": [{"role": "user", "content": prompt}], "stream": True}
    *before, last = frames(post(served, path, body, **{"User-Agent": agent}))
    made = served.plan("quick", prompt)
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["usage"]["completion_tokens"] == made.usage.output_tokens
    assert last["usage"]["total_tokens"] == made.input_tokens + (made.usage.output_tokens or 0)
    assert all("usage" not in frame for frame in before)


@pytest.mark.parametrize(
    ("path", "agent"), [("/groq/v1/chat/completions", "anything"), ("/openai/v1/chat/completions", "Groq/Python 1.7.0")]
)
def test_groqs_streams_tell_it_in_a_field_of_their_own(served: Served, path: str, agent: str) -> None:
    prompt = f"Count for Groq at {path}?"
    body = {"model": "quick", "messages": [{"role": "user", "content": prompt}], "stream": True}
    *before, last = frames(post(served, path, body, **{"User-Agent": agent}))
    made = served.plan("quick", prompt)
    assert last["x_groq"]["usage"]["completion_tokens"] == made.usage.output_tokens
    assert "usage" not in last
    assert not any("x_groq" in frame for frame in before)
    streamed_body = {**body, "stream_options": {"include_usage": True}}
    assert frames(post(served, path, streamed_body, **{"User-Agent": agent}))[-1]["usage"]["total_tokens"]


def test_others_tell_it_only_when_asked(served: Served) -> None:
    body = {"model": "quick", "messages": [{"role": "user", "content": "Count unasked?"}], "stream": True}
    assert all("usage" not in frame for frame in frames(post(served, "/v1/chat/completions", body)))


def test_mistrals_name_of_the_seed_is_read(served: Served) -> None:
    body = {"model": "steady", "messages": [{"role": "user", "content": "A seed by its other name?"}]}
    texts = [
        post(served, "/v1/chat/completions", {**body, "random_seed": 1}).json()["choices"][0]["message"]["content"]
        for _ in range(2)
    ]
    assert texts == [served.plan("steady", "A seed by its other name?", request_seed=1).text] * 2


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/chat/completions", "reasoning_content"),
        ("/groq/v1/chat/completions", "reasoning"),
        ("/openai/v1/chat/completions", "reasoning"),
    ],
)
def test_thoughts_stand_in_each_vendors_field(served: Served, path: str, field: str, stream: bool) -> None:
    body = {"model": "thinker", "messages": [{"role": "user", "content": f"A field {path}?"}], "stream": stream}
    reply = post(served, path, body)
    deltas = [frame["choices"][0]["delta"] for frame in frames(reply) if frame["choices"]] if stream else [
        reply.json()["choices"][0]["message"]]  # fmt: skip
    made = served.plan("thinker", body["messages"][0]["content"])  # type: ignore[index]
    assert "".join(delta.get(field, "") for delta in deltas) == made.reasoning
    assert not any(name in delta for delta in deltas for name in {"reasoning", "reasoning_content"} - {field})


@pytest.mark.parametrize("stream", [False, True])
def test_mistrals_thoughts_are_parts_of_the_content(served: Served, stream: bool) -> None:
    prompt = "Thoughts in parts?"
    body = {"model": "thinker", "messages": [{"role": "user", "content": prompt}], "stream": stream}
    reply = post(served, "/mistral/v1/chat/completions", body)
    contents = (
        [frame["choices"][0]["delta"].get("content") for frame in frames(reply)]
        if stream
        else [reply.json()["choices"][0]["message"]["content"]]
    )
    parts = [part for content in contents for part in (content if isinstance(content, list) else [])]
    made = served.plan("thinker", prompt)
    assert "".join(thought["text"] for part in parts for thought in part.get("thinking", [])) == made.reasoning


@pytest.mark.parametrize(
    ("model", "status", "kind"), [("nobody", 404, "invalid_model"), ("flaky:429", 429, "rate_limited")]
)
def test_mistrals_refusals_are_flat(served: Served, model: str, status: int, kind: str) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "Flat?"}]}
    reply = post(served, "/mistral/v1/chat/completions", body)
    refusal = reply.json()
    assert (reply.status_code, refusal["object"], refusal["type"], refusal["param"]) == (status, "error", kind, None)
    refused = post(served, "/mistral/v1/chat/completions", body, Authorization="Bearer bad-key-1")
    assert (refused.status_code, list(refused.json())) == (401, ["detail"])
