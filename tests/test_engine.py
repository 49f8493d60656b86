"""The engine in process, on simulated providers: what is sent, what is chosen, what is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core import ChatRequest, Completion, Delta, Finish, Message, Usage, build
from core.engine import Engine
from core.options import load


def engine(tmp_path: Path, **environ: str) -> Engine:
    return build(load(environ={"ROUNDTABLE_SIMULATOR_SPEED": "500", **environ}, folder=tmp_path), folder=tmp_path)


def ask(text: str = "Explain tides", model: str | None = "sim/quick", **fields: object) -> ChatRequest:
    return ChatRequest([Message("user", text)], model_id=model, **fields)  # type: ignore[arg-type]


async def events(engine: Engine, request: ChatRequest) -> list[object]:
    return [event async for event in engine.stream(request)]


def test_streamed_and_whole_agree(tmp_path: Path) -> None:
    heard = asyncio.run(events(engine(tmp_path), ask()))
    whole = engine(tmp_path).complete(ask())
    last = heard[-1]
    assert isinstance(last, Completion)
    assert last.text == whole.text == "".join(event.text for event in heard if isinstance(event, Delta))
    assert last.usage == whole.usage
    assert last.finish == whole.finish == Finish("stop", "stop")
    assert sum(isinstance(event, Usage) for event in heard) >= 1
    assert isinstance(heard[-2], Finish | Usage)


def test_a_whole_answer_has_no_first_token_time(tmp_path: Path) -> None:
    timing = engine(tmp_path).complete(ask()).timing
    assert (timing.ttft_ms, timing.first_answer_ms, timing.last_ms) == (None, None, None)
    assert timing.total_ms is not None


def test_stamps_rise(tmp_path: Path) -> None:
    heard = asyncio.run(events(engine(tmp_path), ask(model="sim/steady")))
    stamps = [event.at_ms for event in heard if isinstance(event, Delta)]
    last = heard[-1]
    assert stamps == sorted(stamps)
    assert isinstance(last, Completion)
    assert last.timing.ttft_ms == stamps[0]
    assert last.timing.last_ms == stamps[-1]


def test_nobody_named_is_the_first_with_a_key(tmp_path: Path) -> None:
    assert engine(tmp_path, GROQ_API_KEY="gsk_0123456789abcdef").prepare(ask(model=None)).provider.id == "groq"
    assert engine(tmp_path).prepare(ask(model=None), {"mistral": "0123456789abcdef"}).provider.id == "mistral"
    assert engine(tmp_path, ROUNDTABLE_DEFAULT_MODEL="sim/slow").complete(ask(model=None)).model_id == "sim/slow"


@pytest.mark.parametrize("model", [None, "auto", "auto/big"])
def test_nothing_is_made_up_for_a_script_that_named_nobody(tmp_path: Path, model: str | None) -> None:
    completion = engine(tmp_path, ROUNDTABLE_LOCAL_SERVERS="false").complete(ask(model=model))
    assert completion.error
    assert (completion.error.kind, completion.text) == ("missing_key", "")
    assert "GROQ_API_KEY" in completion.error.message
    assert "sim/quick" in completion.error.message


def test_a_demo_is_simulated_until_somebody_is_set_up(tmp_path: Path) -> None:
    quiet = {"ROUNDTABLE_LOCAL_SERVERS": "false"}
    assert engine(tmp_path, **quiet).complete(ask(model="auto", demo=True)).model_id.startswith("sim/")
    broken = engine(tmp_path, GROQ_API_KEY="short", **quiet).complete(ask(model="auto", demo=True))
    assert broken.error
    assert "GROQ_API_KEY" in broken.error.message
    half = engine(tmp_path, CLOUDFLARE_API_TOKEN="0123456789abcdef", **quiet).complete(ask(model="auto", demo=True))
    assert half.error
    assert "CLOUDFLARE_ACCOUNT_ID" in half.error.message


def test_a_length_limit_is_kept(tmp_path: Path) -> None:
    completion = engine(tmp_path).complete(ask(max_output_tokens=12))
    assert completion.finish
    assert completion.finish.reason == "length"
    assert completion.usage
    assert completion.usage.output_tokens == 12


def test_older_turns_are_left_out_and_it_is_said(tmp_path: Path) -> None:
    talk = [Message("user" if n % 2 == 0 else "assistant", f"turn {n} " * 400) for n in range(200)]
    completion = engine(tmp_path).complete(ChatRequest([*talk, Message("user", "And now?")], model_id="sim/quick"))
    assert completion.error is None
    kinds = {note.kind: int(note.detail) for note in completion.notes}
    assert kinds["turns_left_out"] > 0


def test_flaky_fails_as_real_ones_do(tmp_path: Path) -> None:
    async def completions() -> list[Completion]:
        asks = [ask(f"Question {n}", "sim/flaky") for n in range(60)]
        heard = engine(tmp_path, ROUNDTABLE_ATTEMPTS="1").compare(asks)
        return [event async for _, event in heard if isinstance(event, Completion)]

    kinds = {end.error.kind if end.error else "ok" for end in asyncio.run(completions())}
    assert {"ok", "rate_limited", "overloaded", "truncated"} <= kinds


@pytest.mark.parametrize("role", ["assistant", "system"])
def test_the_last_message_is_the_persons(tmp_path: Path, role: str) -> None:
    completion = engine(tmp_path).complete(ChatRequest([Message(role, "x")], model_id="sim/quick"))  # type: ignore[arg-type]
    assert completion.error
    assert completion.error.kind == "bad_request"


def test_what_runs_on_this_computer_is_found_quickly(tmp_path: Path) -> None:
    assert engine(tmp_path, OLLAMA_BASE_URL="http://127.0.0.1:9").directory.local.look_around() == {}


def test_the_engine_says_nothing_of_keys(tmp_path: Path) -> None:
    key = "gsk_0123456789abcdef0123456789"
    made = engine(tmp_path, GROQ_API_KEY=key)
    assert key not in f"{made!r} {vars(made)!r} {made.settings!r} {made.catalog!r}"


@pytest.mark.parametrize(
    ("model", "dropped"),
    [("anthropic/claude-sonnet-4-5", {"seed"}), ("sim/quick", {"temperature"}), ("groq/openai/gpt-oss-120b", set())],
)
def test_a_setting_that_does_nothing_there_is_not_sent_and_said(tmp_path: Path, model: str, dropped: set[str]) -> None:
    made = engine(tmp_path, ANTHROPIC_API_KEY="none-needed-at-all", GROQ_API_KEY="none-needed-at-all")
    question = made.prepare(ask(model=model, temperature=0.2, seed=3))
    assert {note.detail for note in question.notes if note.kind == "parameter_dropped"} == dropped
    assert {name for name in ("temperature", "seed") if getattr(question.request, name) is None} == dropped
    assert made.prepare(ask(model=model)).notes == ()
