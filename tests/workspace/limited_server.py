"""A provider on this computer whose limit is the test's to say: it counts what reached it, question by question."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOLDS_S = 60.0


class LimitedServer:
    """`refuse` names the seconds until the reset for a question that is refused, None for one that is answered.

    `asked` are the questions in the order in which they arrived, refused ones too. A question in `held` is not answered
    before it is let go.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bodies: list[list[str]] = []
        self.refuse: Callable[[str], float | None] = lambda question: None
        self.held: dict[str, threading.Event] = {}
        self.lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.daemon_threads = True
        self._http.limited = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def calls(self) -> Counter[str]:
        return Counter(self.asked)

    def hold(self, question: str) -> threading.Event:
        """Set the event to let it go."""
        return self.held.setdefault(question, threading.Event())

    def serve(self) -> None:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        for event in self.held.values():
            event.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        limited: LimitedServer = self.server.limited  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = body["messages"][-1]["content"]
        with limited.lock:
            limited.asked.append(question)
            limited.bodies.append([message["content"] for message in body["messages"]])
            wait_s = limited.refuse(question)
        if event := limited.held.get(question):
            event.wait(HOLDS_S)
        if wait_s is not None:
            error = {"error": {"message": "Rate limit reached for requests.", "code": "rate_limit_exceeded"}}
            self._say(429, json.dumps(error).encode(), "application/json", ("Retry-After", f"{wait_s:g}"))
            return
        frames = [
            {"choices": [{"index": 0, "delta": {"content": f"To {question}"}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        ]
        stream = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames) + "data: [DONE]\n\n"
        self._say(200, stream.encode(), "text/event-stream")

    def _say(self, status: int, data: bytes, kind: str, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def limited_server() -> Iterator[LimitedServer]:
    server = LimitedServer()
    server.serve()
    yield server
    server.stop()
