"""A local server for tests, on loopback: OpenAI's shapes and Ollama's, with a key or without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Local(BaseHTTPRequestHandler):
    """Speaks as an OpenAI-like server and as Ollama; answers with the name of the model that was asked."""

    def do_GET(self) -> None:
        names = self.server.names  # type: ignore[attr-defined]
        if self.path.endswith("/api/tags"):
            self._say({"models": [{"name": name, "model": name} for name in names]})
        else:
            details = self.server.details  # type: ignore[attr-defined]
            self._say({"object": "list", "data": [{"id": name, "object": "model", **details} for name in names]})

    def do_POST(self) -> None:
        model = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model"]
        if self.path.endswith("/api/chat"):
            self._say({"message": {"role": "assistant", "content": model}, "done": True, "done_reason": "stop"})
        else:
            self._say({"choices": [{"index": 0, "message": {"content": model}, "finish_reason": "stop"}]})

    def _say(self, body: object) -> None:
        wanted = self.server.key  # type: ignore[attr-defined]
        authorized = not wanted or self.headers.get("Authorization") == f"Bearer {wanted}"
        data = json.dumps(body if authorized else {"error": {"message": "a key is needed"}}).encode()
        self.send_response(200 if authorized else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(*names: str, key: str = "", **details: object) -> Iterator[str]:
    """The address of a server that lists these models, and tells this of each."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Local)
    server.key, server.names, server.details = key, names or ("tiny",), details  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def nowhere() -> dict[str, str]:
    """No local server at all: nothing listens at port 9."""
    return {f"{name}_BASE_URL": "http://127.0.0.1:9" for name in ("OLLAMA", "LLAMACPP", "LMSTUDIO", "VLLM")}
