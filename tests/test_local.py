"""Servers on this computer: seen when they start, with and without a key, under any model name that they list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import pytest

from core import ChatRequest, Message, assemble, build
from core.engine import Engine
from core.errors import LLMError, Timeout, Unreachable
from core.net.transport import Timeouts
from core.options import load
from core.records import Picture, Text
from tests.local_server import nowhere, serving

KEY = "local-key"
WINDOWS = "C:\\models\\tiny chat.gguf"
Start = Callable[..., str]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as running:
        yield lambda *names, key="": running.enter_context(serving(*names, key=key))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that answers at once may need longer on a busy computer."""
    monkeypatch.setattr(assemble, "AT_ONCE", Timeouts(connect_s=30.0, answer_s=60.0))


def engine(folder: Path, **environ: str) -> Engine:
    """With no local server but those named."""
    return build(load(environ={**nowhere(), **environ}, folder=folder), folder=folder)


def ask(model_id: str | None) -> ChatRequest:
    return ChatRequest([Message("user", "Hello")], model_id)


@pytest.mark.parametrize("provider_id", ["ollama", "llamacpp", "lmstudio", "vllm"])
def test_a_server_that_wants_a_key_runs_and_works_once_it_has_one(
    tmp_path: Path, start: Start, provider_id: str
) -> None:
    made = engine(tmp_path, **{f"{provider_id.upper()}_BASE_URL": start(key=KEY)})
    offered, provider = made.directory, made.catalog.providers[provider_id]
    assert offered.local.look_around() == {}
    assert offered.local.running == {provider_id}
    assert offered.standing(provider).state == "no_key"
    assert offered.choices() == []
    pasted = {provider_id: KEY}
    assert offered.listed(provider, pasted) == ["tiny"]
    assert offered.standing(provider, pasted).state == "works"
    assert [choice.model.id for choice in offered.choices(pasted)] == [f"{provider_id}/tiny"]
    assert made.complete(ask(f"{provider_id}/tiny"), pasted).text == "tiny"
    assert offered.choices() == []  # nobody else has that key


def test_a_script_with_the_key_of_a_local_server_needs_no_model_name(tmp_path: Path, start: Start) -> None:
    made = engine(tmp_path, VLLM_BASE_URL=start(key=KEY))
    assert made.complete(ask(None), {"vllm": KEY}).text == "tiny"


def test_a_wrong_key_in_the_environment_is_said_to_be_refused(tmp_path: Path, start: Start) -> None:
    made = engine(tmp_path, VLLM_BASE_URL=start(key=KEY), VLLM_API_KEY="another")
    made.directory.local.look_around()
    assert made.directory.standing(made.catalog.providers["vllm"]).state == "refused"
    assert made.directory.local.running == {"vllm"}


@pytest.mark.parametrize("key", ["EMPTY", "x", "none", "with a space"])
def test_any_key_leaves_a_server_visible_that_wants_none(tmp_path: Path, start: Start, key: str) -> None:
    made = engine(tmp_path, VLLM_BASE_URL=start(), VLLM_API_KEY=key)
    assert made.directory.local.look_around() == {"vllm": ["tiny"]}


def test_a_server_that_starts_later_is_found_beside_everything_else(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = start()
    made = engine(tmp_path, OLLAMA_BASE_URL=address)
    looked, go = Event(), Event()
    real = made.directory.local.look_around

    def slow() -> object:
        go.wait(30)
        running = real()
        looked.set()
        return running

    monkeypatch.setattr(made.directory.local, "look_around", slow)
    made.directory.local.look_soon()
    made.directory.local.look_soon()  # too early for another look
    assert made.directory.local.running == frozenset()
    go.set()
    assert looked.wait(30)
    assert made.directory.local.models == {"ollama": ["tiny"]}
    assert made.directory.first().model.id == "ollama/tiny"


def test_a_busy_server_stays_as_it_was_seen_and_one_that_ended_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Start
) -> None:
    made = engine(tmp_path, VLLM_BASE_URL=start("one", "two"))
    made.directory.local.look_around()

    def fails(error: LLMError) -> None:
        def fetch(*_: object) -> list[str]:
            raise error

        monkeypatch.setattr(made.directory.local._lister, "fetch", fetch)

    fails(Timeout("The provider accepted the request but did not answer in time."))
    assert made.directory.local.look_around() == {"vllm": ["one", "two"]}
    fails(Unreachable("The connection to the provider could not be made or was lost."))
    assert made.directory.local.look_around() == {}


@pytest.mark.parametrize(
    ("modalities", "message"),
    [
        (["text"], "tiny cannot see pictures: choose a model that can, or remove the pictures."),
        (["text", "image", "video"], None),
        ([], None),
    ],
)
def test_a_picture_goes_to_a_local_model_unless_its_server_says_that_it_sees_none(
    tmp_path: Path, modalities: list[str], message: str | None
) -> None:
    question = ChatRequest([Message("user", [Text("What is it?"), Picture("image/png", b"png")])], "llamacpp/tiny")
    with serving(architecture={"input_modalities": modalities}) as address:
        made = engine(tmp_path, LLAMACPP_BASE_URL=address)
        made.directory.local.look_around()
        error = made.complete(question).error
        assert (error and error.message) == message
        assert made.complete(ask("llamacpp/tiny")).text == "tiny"


@pytest.mark.parametrize("provider_id", ["ollama", "llamacpp", "lmstudio"])
@pytest.mark.parametrize("name", [WINDOWS, "模型/小 型.gguf", "/home/me/my models/x:y@q4.gguf", "a%20b&c"])
def test_a_listed_name_can_be_asked(tmp_path: Path, start: Start, provider_id: str, name: str) -> None:
    made = engine(tmp_path, **{f"{provider_id.upper()}_BASE_URL": start(name)})
    assert made.directory.local.look_around() == {provider_id: [name]}
    completion = made.complete(ask(f"{provider_id}/{name}"))
    assert completion.error is None
    assert completion.text == name
