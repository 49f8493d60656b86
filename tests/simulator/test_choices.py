"""Stop sequences and several choices: in the plan, and as each vendor words them."""

from __future__ import annotations

from typing import Any

import anthropic
import cohere
import httpx
import openai
import pytest
import requests

from core.records import Delta, Message, Usage
from core.simulator.choices import plan_choices
from core.simulator.plan import ReplyPlan, plan
from core.simulator.shapes.ask import ParsedRequest, interleave
from tests.simulator.conftest import Served

PROMPT = "Explain how lighthouses work, and stop in time"
STOP = "asked"  # a part of a token of the notice that every answer begins with


def messages(prompt: str = PROMPT) -> tuple[Message, ...]:
    return (Message("user", prompt),)


def planned(model: str = "steady", **more: Any) -> ReplyPlan:
    return plan(model, messages(), **more)


@pytest.mark.parametrize(
    "stop", [("asked",), ("ked",), ("no model was asked",), ("\n\n", "asked"), ("never said", "asked")]
)
def test_the_text_ends_in_front_of_the_first_stop_sequence(stop: tuple[str, ...]) -> None:
    whole, made = planned().text, planned(stop=stop)
    first = min((sequence for sequence in stop if sequence in whole), key=whole.index)
    assert made.text == whole[: whole.index(first)]
    assert made.stopped_by == first
    assert made.finish is not None
    assert made.finish.reason == "stop"
    assert made.usage.output_tokens == sum(isinstance(piece.event, Delta) for piece in made.pieces)


def test_a_stop_sequence_that_is_not_said_changes_nothing() -> None:
    assert planned(stop=("never said",)) == planned()


def test_thoughts_do_not_stop_an_answer() -> None:
    whole = planned("thinker")
    word = next(word for word in whole.reasoning.split() if len(word) > 3 and word not in whole.text)
    assert planned("thinker", stop=(word,)).text == whole.text
    made = planned("thinker", stop=(whole.text[:4],))
    assert (made.text, made.reasoning) == ("", whole.reasoning)


def test_a_limit_before_the_stop_sequence_is_what_ends_the_answer() -> None:
    made = planned(stop=(STOP,), max_tokens=3)
    assert made.finish is not None
    assert (made.finish.reason, made.stopped_by) == ("length", "")


def test_choices_are_the_next_attempts_or_have_the_next_seeds() -> None:
    made = plan_choices(ParsedRequest("steady", messages(), False, choices=3), seed=1, attempt=4)
    assert [choice.text for choice in made.choices] == [planned(seed=1, attempt=attempt).text for attempt in (4, 5, 6)]
    seeded = plan_choices(ParsedRequest("steady", messages(), False, seed=9, choices=2), seed=1, attempt=1)
    assert [choice.text for choice in seeded.choices] == [planned(seed=1, request_seed=at).text for at in (9, 10)]
    assert len({choice.text for choice in seeded.choices}) == 2
    wrote = sum(choice.usage.output_tokens or 0 for choice in seeded.choices)
    assert seeded.total == Usage(seeded.input_tokens, wrote)


def test_only_the_first_choice_can_fail() -> None:
    assert plan_choices(ParsedRequest("flaky:429", messages(), False, choices=3), seed=1, attempt=1).fault
    assert plan_choices(ParsedRequest("flaky:cut", messages(), False, choices=3), seed=1, attempt=1).others == ()
    for attempt in range(20):
        made = plan_choices(ParsedRequest("flaky", messages(), False, choices=3), seed=1, attempt=attempt)
        assert not any(other.fault or other.cut for other in made.others)


def test_choices_are_streamed_side_by_side() -> None:
    made = plan_choices(ParsedRequest("steady", messages(), True, choices=2), seed=1, attempt=1)
    parts = list(interleave(made))
    for place, choice in enumerate(made.choices):
        assert [event for _, at, event in parts if at == place] == [piece.event for piece in choice.pieces]
    assert all(delay_s >= 0 for delay_s, _, _ in parts)
    assert sum(delay_s for delay_s, _, _ in parts) == pytest.approx(
        max(sum(piece.delay_s for piece in choice.pieces) for choice in made.choices)
    )
    assert {at for _, at, _ in parts[: len(parts) // 2]} == {0, 1}


def request_of(shape: str, prompt: str) -> tuple[str, dict[str, Any]]:
    """Path and body of a request that stops at `STOP`."""
    body: dict[str, Any] = {"model": "steady", "messages": [{"role": "user", "content": prompt}]}
    parts: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
    return {
        "openai": ("/v1/chat/completions", {**body, "stop": STOP}),
        "completions": ("/v1/completions", {"model": "steady", "prompt": prompt, "stop": [STOP]}),
        "anthropic": ("/v1/messages", {**body, "max_tokens": 999, "stop_sequences": [STOP]}),
        "gemini": ("/v1beta/models/steady:generateContent", {**parts, "generationConfig": {"stopSequences": [STOP]}}),
        "cohere": ("/v2/chat", {**body, "stop_sequences": [STOP]}),
        "ollama": ("/api/chat", {**body, "stream": False, "options": {"stop": [STOP]}}),
        "generate": (
            "/api/generate",
            {"model": "steady", "prompt": prompt, "stream": False, "options": {"stop": STOP}},
        ),
        "huggingface": ("/models/steady", {"inputs": prompt, "parameters": {"stop": [STOP]}}),
    }[shape]


def heard(shape: str, reply: Any) -> tuple[Any, ...]:
    """The text, the finish word, and the sequence where the vendor tells it."""
    match shape:
        case "openai":
            return reply["choices"][0]["message"]["content"], reply["choices"][0]["finish_reason"]
        case "completions":
            return reply["choices"][0]["text"], reply["choices"][0]["finish_reason"]
        case "anthropic":
            return reply["content"][0]["text"], reply["stop_reason"], reply["stop_sequence"]
        case "gemini":
            return reply["candidates"][0]["content"]["parts"][0]["text"], reply["candidates"][0]["finishReason"]
        case "cohere":
            return reply["message"]["content"][0]["text"], reply["finish_reason"]
        case "ollama":
            return reply["message"]["content"], reply["done_reason"]
        case "generate":
            return reply["response"], reply["done_reason"]
    return reply[0]["generated_text"], reply[0]["details"]["finish_reason"]


@pytest.mark.parametrize(
    ("shape", "ending"),
    [
        ("openai", ("stop",)),
        ("completions", ("stop",)),
        ("anthropic", ("stop_sequence", STOP)),
        ("gemini", ("STOP",)),
        ("cohere", ("STOP_SEQUENCE",)),
        ("ollama", ("stop",)),
        ("generate", ("stop",)),
        ("huggingface", ("stop_sequence",)),
    ],
)
def test_every_shape_stops_and_says_so_in_its_own_word(served: Served, shape: str, ending: tuple[str, ...]) -> None:
    path, body = request_of(shape, f"{PROMPT} ({shape})")
    reply = requests.post(served.url + path, json=body, timeout=20).json()
    assert heard(shape, reply) == ("*A simulated answer: no model was ", *ending)


def test_streams_end_with_the_same_words(served: Served) -> None:
    body: Any = {"model": "steady", "messages": [{"role": "user", "content": f"{PROMPT}, streamed"}]}
    with anthropic.Anthropic(base_url=served.url, api_key="any", max_retries=0) as client:
        with client.messages.stream(**body, max_tokens=999, stop_sequences=[STOP]) as stream:
            message = stream.get_final_message()
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", STOP)
    with httpx.Client() as http:
        events = list(
            cohere.ClientV2(api_key="any", base_url=served.url, httpx_client=http).chat_stream(
                **body, stop_sequences=[STOP]
            )
        )
    end_events = [event.delta for event in events if event.type == "message-end"]
    assert [end and end.finish_reason for end in end_events] == ["STOP_SEQUENCE"]


@pytest.mark.parametrize("options", [{"stop": 3}, {"stop": [3]}, {"n": 0}, {"n": 99}, {"n": "two"}])
def test_what_cannot_be_is_refused_with_the_reason(served: Served, options: dict[str, Any]) -> None:
    body = {"model": "quick", "messages": [{"role": "user", "content": PROMPT}], **options}
    reply = requests.post(f"{served.url}/v1/chat/completions", json=body, timeout=20)
    assert reply.status_code == 400
    assert " must be " in reply.json()["error"]["message"]


def test_openais_client_hears_each_choice(served: Served) -> None:
    body: Any = {"model": "thinker", "messages": [{"role": "user", "content": f"{PROMPT}, twice"}], "n": 2, "seed": 5}
    made = [served.plan("thinker", f"{PROMPT}, twice", request_seed=seed) for seed in (5, 6)]
    wrote = sum(choice.usage.output_tokens or 0 for choice in made)
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as client:
        whole = client.chat.completions.create(**body)
        chunks = list(client.chat.completions.create(**body, stream=True, stream_options={"include_usage": True}))
    assert [choice.message.content for choice in whole.choices] == [choice.text for choice in made]
    assert [choice.index for choice in whole.choices] == [0, 1]
    texts, finishes = ["", ""], []
    for choice in (choice for chunk in chunks for choice in chunk.choices):
        texts[choice.index] += choice.delta.content or ""
        finishes += [choice.finish_reason] if choice.finish_reason else []
    assert (texts, finishes) == ([choice.text for choice in made], ["stop", "stop"])
    for usage in (whole.usage, chunks[-1].usage):
        assert usage is not None
        assert usage.completion_tokens == wrote


def test_gemini_tells_its_candidates_apart(served: Served) -> None:
    body = {
        "contents": [{"role": "user", "parts": [{"text": f"{PROMPT}, in two ways"}]}],
        "generationConfig": {"candidateCount": 2, "seed": 1},
    }
    reply = requests.post(f"{served.url}/v1beta/models/steady:generateContent", json=body, timeout=20).json()
    made = [served.plan("steady", f"{PROMPT}, in two ways", request_seed=seed) for seed in (1, 2)]
    assert [choice["index"] for choice in reply["candidates"]] == [0, 1]
    assert [choice["content"]["parts"][0]["text"] for choice in reply["candidates"]] == [choice.text for choice in made]
    total = sum(choice.usage.output_tokens or 0 for choice in made)
    assert reply["usageMetadata"]["candidatesTokenCount"] == total
