"""Which models can be asked: those a provider lists itself are asked for once, kept by key, and never made up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core import ChatRequest, Completion, Message, build
from core.engine import Engine
from core.options import load
from core.providers.limits import key_hash

LISTED = ["text-embedding-v3", "qwen-plus-2025-04-28", "qwen-plus", "qwen-tts", "qwen3-8b"]
KEY = "sk-0123456789abcdef"


class Provider(BaseHTTPRequestHandler):
    """Lists models to whoever has the key, and answers with the name of the one that was asked."""

    requests: list[str] = []  # noqa: RUF012
    status = 200

    def do_GET(self) -> None:
        type(self).requests.append("list")
        authorized = self.headers.get("Authorization") == f"Bearer {KEY}"
        self._say(type(self).status if authorized else 401, {"data": [{"id": name} for name in LISTED]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).requests.append(body["model"])
        self._say(200, {"choices": [{"index": 0, "message": {"content": body["model"]}, "finish_reason": "stop"}]})

    def _say(self, status: int, body: object) -> None:
        data = json.dumps(body if status == 200 else {"error": {"message": "no"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Provider.requests, Provider.status = [], 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()


def engine(folder: Path, address: str, **environ: str) -> Engine:
    variables = {"TOGETHER_BASE_URL": address, "TOGETHER_API_KEY": KEY, "ROUNDTABLE_LOCAL_SERVERS": "false"}
    return build(load(environ={**variables, **environ}, folder=folder), folder=folder)


def ask(model_id: str | None = "auto") -> ChatRequest:
    return ChatRequest([Message("user", "Write a birthday wish.")], model_id)


@pytest.mark.parametrize("model_id", ["auto", "auto/small", "auto/big", None])
def test_a_key_without_known_models_is_asked_for_them(tmp_path: Path, address: str, model_id: str | None) -> None:
    completion = engine(tmp_path, address).complete(ask(model_id))
    assert completion.error is None
    assert completion.text == completion.model_id.partition("/")[2]
    assert completion.text in ("qwen-plus", "qwen3-8b")


def test_streaming_learns_them_too_and_asks_once(tmp_path: Path, address: str) -> None:
    made = engine(tmp_path, address)

    async def last() -> Completion:
        async for event in made.stream(ask("auto/small")):
            if isinstance(event, Completion):
                return event
        raise AssertionError

    assert asyncio.run(last()).model_id == "together/qwen3-8b"
    made.complete(ask())
    assert Provider.requests.count("list") == 1


def test_what_was_listed_is_known_at_the_next_start(tmp_path: Path, address: str) -> None:
    (tmp_path / "data").mkdir()
    engine(tmp_path, address).directory.learn()
    again = engine(tmp_path, address)
    assert {choice.model.name for choice in again.directory.choices()} == {
        "qwen-plus",
        "qwen3-8b",
        "qwen-plus-2025-04-28",
    }
    again.directory.learn()
    assert Provider.requests == ["list"]
    stored = (tmp_path / "data" / "models.json").read_text(encoding="utf-8")
    assert KEY not in stored
    assert engine(tmp_path, address, TOGETHER_API_KEY="sk-another-0123456789").directory.choices() == []


def test_a_pasted_key_is_kept_by_nobody(tmp_path: Path, address: str) -> None:
    (tmp_path / "data").mkdir()
    made = engine(tmp_path, address, TOGETHER_API_KEY="")
    assert made.complete(ask(), {"together": KEY}).error is None
    assert not (tmp_path / "data" / "models.json").exists()
    assert made.directory.choices() == []


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (500, "server")])
def test_why_no_model_is_known_is_said(tmp_path: Path, address: str, status: int, kind: str) -> None:
    Provider.status = status
    made = engine(tmp_path, address)
    for demo in (False, True):
        completion = made.complete(ChatRequest(ask().messages, "auto", demo=demo))
        assert completion.error
        assert (completion.error.kind, completion.text) == (kind, "")
    assert Provider.requests == ["list"]  # not again within a minute
    assert made.directory.fault(made.catalog.providers["together"])


@pytest.mark.parametrize("text", ["", "[]", '{"together": 3}', '{"together": {"x": {"at": "never", "names": 1}}}'])
def test_a_broken_file_costs_a_call(tmp_path: Path, address: str, text: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models.json").write_text(text, encoding="utf-8")
    assert engine(tmp_path, address).complete(ask()).error is None


def test_a_gateway_without_a_key_is_a_real_provider(tmp_path: Path, address: str) -> None:
    (tmp_path / ".streamlit").mkdir()
    table = f'[office]\nwire = "openai"\nbase_url = "{address}"\nauth = "none"\n'
    models = 'models = [{ name = "house", size = "small" }]'
    (tmp_path / ".streamlit" / "providers.toml").write_text(table + models, encoding="utf-8")
    completion = engine(tmp_path, address, TOGETHER_API_KEY="").complete(ChatRequest(ask().messages, "auto", demo=True))
    assert completion.model_id == "office/house"


def of_environment(folder: Path, address: str, provider: str, key: str) -> Engine:
    name = provider.upper()
    return engine(folder, address, TOGETHER_API_KEY="", **{f"{name}_BASE_URL": address, f"{name}_API_KEY": key})


@pytest.mark.parametrize(
    ("provider", "key", "status", "state", "lists"),
    [
        ("groq", KEY, 200, "works", 1),
        ("groq", "gsk-wrong-0123456789", 200, "refused", 1),
        ("groq", KEY, 500, "untested", 1),  # asked again in an hour
        ("groq", KEY, 404, "untested", 1),  # no list there, or no such address: of the key it says nothing
        ("groq", KEY, 405, "untested", 1),
        ("openrouter", KEY, 200, "untested", 1),  # anybody may read its list: only a question would tell
        ("huggingface", KEY, 200, "untested", 1),
    ],
)
def test_a_key_of_the_environment_is_known_before_anybody_asks(
    tmp_path: Path, address: str, provider: str, key: str, status: int, state: str, lists: int
) -> None:
    Provider.status = status
    made = of_environment(tmp_path, address, provider, key)
    provider_object = made.catalog.providers[provider]
    assert made.directory.standing(provider_object).state == "untested"
    assert Provider.requests == []
    for _ in range(2):
        made.directory.learn()
        assert made.directory.standing(provider_object).state == state
        assert Provider.requests == ["list"] * lists
    offered = {choice.provider.id for choice in made.directory.choices()}
    assert (provider in offered) == (state != "refused")


def test_models_are_listed_once_a_day(tmp_path: Path, address: str) -> None:
    made = of_environment(tmp_path, address, "groq", KEY)
    made.directory.last_calls.note("groq", key_hash("groq", KEY), None)
    made.directory.learn()
    made.directory.learn()
    assert Provider.requests == ["list"]


def test_no_router_becomes_the_default_in_place_of_an_ended_model(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    models = '{ name = "any", router = true }, { name = "old", ends_on = 2026-01-01 }, { name = "named" }'
    table = f'[acme]\nbase_url = "https://acme.example/v1"\nkey_names = ["ACME_API_KEY"]\nmodels = [{models}]\n'
    (tmp_path / ".streamlit" / "providers.toml").write_text(table, encoding="utf-8")
    engine = build(load(environ={"ACME_API_KEY": KEY}, folder=tmp_path), folder=tmp_path)
    assert engine.directory.instead_of("acme/old") == "acme/named"
