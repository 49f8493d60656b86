"""A server that speaks lines answers, whole and as a stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from core.assemble import build
from core.records import ChatRequest, Message

OWN = """
[lines]
wire = "lines"
base_url = "{address}"
models = [{{ name = "small" }}]
"""
ASKED = ChatRequest([Message("user", "Why is the sky blue?")], model_id="lines/small")


class Lines(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert (self.path, request["question"]) == ("/ask", "Why is the sky blue?")
        pieces = [{"text": "Blue, "}, {"text": "by scattering.", "end": True}]
        body = "\n".join(map(json.dumps, pieces)) if request["stream"] else json.dumps({"text": "Blue, by scattering."})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Lines) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        own = tmp_path / ".streamlit" / "providers.toml"
        own.parent.mkdir()
        own.write_text(OWN.format(address=f"http://127.0.0.1:{server.server_port}"))
        yield tmp_path
        server.shutdown()


def test_it_answers(folder: Path) -> None:
    engine = build(environ={}, folder=folder)
    assert engine.catalog.problems == ()
    for answer in (engine.complete(ASKED), asyncio.run(engine.answer(ASKED))):
        assert (answer.text, answer.error) == ("Blue, by scattering.", None)
        assert answer.finish
        assert answer.finish.reason == "stop"
