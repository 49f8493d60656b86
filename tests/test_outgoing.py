"""What reaches a provider: secrets never, personal data as the options and the provider's terms say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core import ChatRequest, Completion, Delta, Message, build
from core.engine import Engine
from core.options import load

KEY = "gsk_" + "aB3dE6gH9jK2" * 4
MAIL = "jane@example.org"


class Echo(BaseHTTPRequestHandler):
    """Answers with the question that it received, two characters at a time."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = body["messages"][-1]["content"]
        self.server.received.append([message["content"] for message in body["messages"]])  # type: ignore[attr-defined]
        if not body.get("stream"):
            return self._say({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})
        pieces = [text[at : at + 2] for at in range(0, len(text), 2)]
        frames: list[dict[str, list[dict[str, object]]]] = [
            {"choices": [{"delta": {"content": piece}}]} for piece in pieces
        ]
        frames.append({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        lines = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames) + "data: [DONE]\n\n"
        return self._send("text/event-stream", lines.encode())

    def _say(self, body: object) -> None:
        self._send("application/json", json.dumps(body).encode())

    def _send(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.received = []  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def engine(folder: Path, echo: ThreadingHTTPServer, **options: str) -> Engine:
    """`trainer` trains on the text, `keeper` does not, `own` is the operator's."""
    (folder / ".streamlit").mkdir(exist_ok=True)
    url = f"http://127.0.0.1:{echo.server_address[1]}/v1"
    facts = {
        "trainer": "own = false\nprivacy = { trains = true }",
        "keeper": "own = false\nprivacy = { trains = false }",
        "mine": "own = true\nprivacy = { trains = true }",
    }
    tables = [
        f'[{name}]\nlabel = "{name}"\nwire = "openai"\nbase_url = "{url}"\nkey_names = ["{name.upper()}_KEY"]\n'
        f'models = [{{ name = "m", size = "small", window_tokens = 32000 }}]\n{more}\n'
        for name, more in facts.items()
    ]
    (folder / ".streamlit/providers.toml").write_text("\n".join(tables), encoding="utf-8")
    keys = {f"{name.upper()}_KEY": f"{name}-0123456789abcdef" for name in facts}
    built = build(load(environ={**keys, **options}, folder=folder), folder=folder)
    assert built.catalog.problems == ()
    return built


def sent(echo: ThreadingHTTPServer) -> str:
    received: list[list[str]] = echo.received  # type: ignore[attr-defined]
    return received[-1][-1]


def ask(text: str, model: str = "trainer/m", **fields: object) -> ChatRequest:
    return ChatRequest([Message("user", text)], model_id=model, **fields)  # type: ignore[arg-type]


def test_a_secret_is_not_sent(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    for model in ("trainer/m", "keeper/m", "mine/m", "sim/quick"):
        completion = engine(tmp_path, echo).complete(ask(f"use {KEY}", model))
        assert completion.error
        assert (completion.error.kind, completion.error.code, completion.error.sent) == (
            "blocked_input",
            "secrets",
            False,
        )
    assert echo.received == []  # type: ignore[attr-defined]


def test_a_configured_key_is_found_by_value(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    completion = engine(tmp_path, echo).complete(ask("is keeper-0123456789abcdef right?"))
    assert completion.error
    assert completion.error.code == "secrets"


def test_masked_words_come_back_while_streaming_and_whole(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    text, built = f"use {KEY} for {MAIL}, yes", engine(tmp_path, echo)
    request = ask(text, secrets="mask", personal="mask")

    async def heard() -> list[object]:
        return [event async for event in built.stream(request)]

    events = asyncio.run(heard())
    assert sent(echo) == "use [key-1] for [mail-1], yes"
    completion = events[-1]
    assert isinstance(completion, Completion)
    assert completion.text == text == "".join(event.text for event in events if isinstance(event, Delta))
    assert [(note.kind, note.detail) for note in completion.notes] == [("masked", "key 1, mail 1")]
    assert built.complete(request).text == text


def test_a_configured_key_does_not_come_back(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    completion = engine(tmp_path, echo).complete(ask("is keeper-0123456789abcdef right?", secrets="mask"))
    assert completion.text == "is [key-1] right?"


@pytest.mark.parametrize(
    ("options", "model", "personal", "expected"),
    [
        ({}, "trainer/m", None, MAIL),
        ({}, "trainer/m", "mask", "[mail-1]"),
        ({}, "keeper/m", "mask", MAIL),
        ({}, "keeper/m", "mask_all", "[mail-1]"),
        ({}, "mine/m", "mask", MAIL),
        ({"ROUNDTABLE_PERSONAL_DATA": "mask"}, "trainer/m", None, "[mail-1]"),
        ({"ROUNDTABLE_PERSONAL_DATA": "mask"}, "trainer/m", "allow", MAIL),
        ({"ROUNDTABLE_PERSONAL_DATA": "mask", "ROUNDTABLE_PERSONAL_DATA_FOR": "all"}, "keeper/m", None, "[mail-1]"),
        ({"ROUNDTABLE_PERSONAL_DATA": "mask", "ROUNDTABLE_PERSONAL_DATA_FOR": "all"}, "mine/m", None, MAIL),
    ],
)
def test_who_gets_the_masked_text(
    tmp_path: Path,
    echo: ThreadingHTTPServer,
    options: dict[str, str],
    model: str,
    personal: str | None,
    expected: str,
) -> None:
    assert engine(tmp_path, echo, **options).complete(ask(MAIL, model, personal=personal)).text == MAIL
    assert sent(echo) == expected


def test_in_a_comparison_only_those_that_train_get_it_masked(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    async def heard() -> list[Completion]:
        requests = [ask(MAIL, model, personal="mask") for model in ("trainer/m", "keeper/m")]
        events = [event async for _, event in engine(tmp_path, echo).compare(requests)]
        return [event for event in events if isinstance(event, Completion)]

    completions = asyncio.run(heard())
    assert [completion.text for completion in completions] == [MAIL, MAIL]
    assert sorted(messages[-1] for messages in echo.received) == ["[mail-1]", MAIL]  # type: ignore[attr-defined]


def test_personal_data_that_goes_out_is_told(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    completion = engine(tmp_path, echo).complete(ask(MAIL))
    assert [(note.kind, note.detail) for note in completion.notes] == [("personal_sent", "mail 1")]


def test_a_question_with_masked_words_has_no_stored_answer(tmp_path: Path, echo: ThreadingHTTPServer) -> None:
    """Another person's question looks the same once its words are masked."""
    question = engine(tmp_path, echo).prepare(ask(MAIL, personal="mask", reuse=True))
    assert not question.may_reuse
    assert MAIL not in repr(question).replace(repr(question.asked), "")
