"""A provider that knows forty keys and says them in every field there is."""

from __future__ import annotations

import json
import random
import string
from http.server import BaseHTTPRequestHandler

WORD, HEX = string.ascii_letters + string.digits, "0123456789abcdef"
CHANCE = random.Random(40)


def made(alphabet: str, length: int) -> str:
    return "".join(CHANCE.choices(alphabet, k=length))


SHAPES = [
    "sk-" + made(WORD, 48), "sk-proj-" + made(WORD + "-_", 100), "sk-ant-api03-" + made(WORD + "-_", 90),
    "sk-or-v1-" + made(HEX, 64), "gsk_" + made(WORD, 52), "csk-" + made(WORD, 48), "hf_" + made(WORD, 34),
    "nvapi-" + made(WORD + "-_", 64), "AIza" + made(WORD + "-_", 35), "AQ." + made(WORD + "-_", 40),
    "ya29." + made(WORD + "-_", 120), "xai-" + made(WORD, 80), "pplx-" + made(WORD, 48), "tgp_v1_" + made(WORD, 43),
    "r8_" + made(WORD, 37), "fw_" + made(WORD, 24), "ms-3f2b8c1e-1a2b-4c3d-8e4f-9a8b7c6d5e4f",
    "bce-v3/ALTAK-" + made(WORD, 21) + "/" + made(HEX, 40), made(HEX, 32) + "." + made(WORD, 16),
    "ghp_" + made(WORD, 36), "github_pat_" + made(WORD, 82), "glpat-" + made(WORD, 20),
    "AKIA" + made(string.ascii_uppercase, 16), "xoxb-" + made(string.digits, 24), "sk_live_" + made(WORD, 24),
    "eyJ" + made(WORD, 30) + ".eyJ" + made(WORD, 60) + "." + made(WORD, 43), made(WORD, 32), made(HEX, 64),
    made(HEX, 40), made(string.ascii_uppercase, 24), made(string.digits, 20), made(WORD, 12), made(WORD, 13) + "=",
    "a/b+c=" + made(WORD, 30), "3f2b8c1e-aaaa-4c3d-8e4f-9a8b7c6d5e4f", "co_" + made(WORD, 40),
    made(WORD, 20) + "&x=" + made(WORD, 6), "Bearer-" + made(WORD, 20), "k" + made(WORD, 500), "key:" + made(WORD, 24),
    "mistral" + made(WORD, 25), "\"quoted'" + made(WORD, 20),
]  # fmt: skip


class Talkative(BaseHTTPRequestHandler):
    """It knows all keys and says them in every field there is."""

    secrets = " ".join(SHAPES)

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._reply(200, {"data": [{"id": f"model-{key}"} for key in SHAPES]})

    def do_POST(self) -> None:
        request_body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "/refuse" in self.path:
            fields = {"code": SHAPES[0], "param": SHAPES[4], "type": SHAPES[8], "other": SHAPES[12]}
            self._reply(400, {"error": {"message": f"Wrong: {self.secrets}", **fields}})
        elif "/broken" in self.path:
            self._stream([{"content": "Well "}], error={"message": self.secrets, "code": SHAPES[1], "type": SHAPES[3]})
        elif request_body.get("stream"):
            self._stream([*_pieces("reasoning_content", self.secrets), *_pieces("content", self.secrets)])
        else:
            message = {"content": self.secrets, "reasoning_content": self.secrets}
            self._reply(200, {"choices": [{"index": 0, "message": message, "finish_reason": SHAPES[2]}]})

    def _headers(self, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("connection", "close")
        self.send_header("x-request-id", SHAPES[5])
        self.send_header("x-ratelimit-limit-requests", SHAPES[6])
        self.send_header("x-ratelimit-remaining-requests", "5")
        self.send_header("x-ratelimit-reset-requests", SHAPES[7])
        self.end_headers()

    def _reply(self, status: int, body: object) -> None:
        self._headers(status, "application/json")
        self.wfile.write(json.dumps(body).encode())

    def _stream(self, deltas: list[dict[str, str]], error: object = None) -> None:
        self._headers(200, "text/event-stream")
        for place, piece in enumerate(deltas):
            last = error is None and place == len(deltas) - 1
            choice = {"index": 0, "delta": piece, "finish_reason": SHAPES[2] if last else None}
            self.wfile.write(b"data: " + json.dumps({"id": SHAPES[9], "choices": [choice]}).encode() + b"\n\n")
        self.wfile.write(b"data: " + json.dumps({"error": error}).encode() + b"\n\n" if error else b"data: [DONE]\n\n")


def _pieces(field: str, text: str) -> list[dict[str, str]]:
    """In pieces of one to forty letters, so that every key is cut somewhere."""
    pieces, at = [], 0
    while at < len(text):
        size = CHANCE.randint(1, 40)
        pieces.append({field: text[at : at + size]})
        at += size
    return pieces
