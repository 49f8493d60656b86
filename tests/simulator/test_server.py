"""The HTTP side: addresses, marks, what its own clock tells, cut replies, and a clean stop."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from core.simulator.calls import Calls, SimulatedCall
from core.simulator.frame_player import Player
from core.simulator.shapes import for_path
from core.simulator.shapes.ask import Frame
from tests.simulator.conftest import Served

ROOT = Path(__file__).resolve().parents[2]


def chat(served: Served, path: str, model: str, prompt: str, **more: Any) -> requests.Response:
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], **more}
    return requests.post(served.url + path, json=body, timeout=20)


def record(served: Served, reply: requests.Response) -> dict[str, Any]:
    report = requests.get(f"{served.url}/_simulator/calls", timeout=20).json()
    return next(call for call in report["calls"] if call["id"] == reply.headers["x-request-id"])


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/v1/chat/completions", "openai"),
        ("/openai/v1/chat/completions", "openai"),
        ("/v1/messages", "anthropic"),
        ("/v1beta/models/quick:generateContent", "gemini"),
        ("/v1beta/models/flaky:429:streamGenerateContent", "gemini"),
        ("/v2/chat", "cohere"),
        ("/api/chat", "ollama"),
        ("/", "huggingface"),
        ("/generate", "huggingface"),
        ("/generate_stream", "huggingface"),
        ("/models/quick", "huggingface"),
        ("/v1/embeddings", None),
    ],
)
def test_an_address_is_known_by_its_end(path: str, shape: str | None) -> None:
    assert for_path(path) == shape


def test_every_reply_says_that_it_is_simulated(served: Served) -> None:
    replies = [
        chat(served, "/v1/chat/completions", "quick", "Marked?"),
        chat(served, "/v1/chat/completions", "nobody", "Marked?"),
        chat(served, "/v1/chat/completions", "quick", "Marked?", stream=True),
        chat(served, "/v1/elsewhere", "quick", "Marked?"),
        requests.get(f"{served.url}/v1/models", timeout=20),
        requests.get(f"{served.url}/nowhere", timeout=20),
    ]
    assert [reply.headers["x-roundtable-simulated"] for reply in replies] == ["1"] * len(replies)
    assert [reply.status_code for reply in replies] == [200, 404, 200, 404, 200, 404]


def test_the_servers_clock_tells_when_tokens_left(served: Served) -> None:
    reply = chat(served, "/v1/chat/completions", "thinker", "What did the clock say?", stream=True)
    entry = record(served, reply)
    made = served.plan("thinker", "What did the clock say?")
    assert entry["received_s"] <= entry["first_token_s"] <= entry["last_token_s"] <= entry["ended_s"]
    assert (entry["shape"], entry["model"], entry["status"], entry["outcome"]) == ("openai", "thinker", 200, "done")
    assert (entry["input_tokens"], entry["output_tokens"]) == (made.usage.input_tokens, made.usage.output_tokens)


def test_faults_and_attempts_are_recorded(served: Served) -> None:
    replies = [chat(served, "/v1/chat/completions", "flaky:429", "Who counts?") for _ in range(2)]
    calls = [record(served, reply) for reply in replies]
    assert [(call["status"], call["outcome"], call["attempt"]) for call in calls] == [
        (429, "fault", 1),
        (429, "fault", 2),
    ]


def test_ollama_streams_lines_unless_told_otherwise(served: Served) -> None:
    reply = chat(served, "/api/chat", "steady", "Who laughs last?")
    lines = [json.loads(line) for line in reply.text.splitlines()]
    assert reply.headers["content-type"] == "application/x-ndjson"
    made = served.plan("steady", "Who laughs last?")
    assert "".join(line["message"]["content"] for line in lines) == made.text
    assert [line["done"] for line in lines[-2:]] == [False, True]
    assert lines[-1]["eval_count"] == made.usage.output_tokens
    assert chat(served, "/api/chat", "steady", "And first?", stream=False).json()["done"] is True


def test_gemini_without_sse_is_one_array(served: Served) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "An array?"}]}]}
    reply = requests.post(f"{served.url}/v1beta/models/quick:streamGenerateContent", json=body, timeout=20)
    parts = [frame["candidates"][0]["content"]["parts"][0]["text"] for frame in reply.json()]
    assert "".join(parts) == served.plan("quick", "An array?").text


@pytest.mark.parametrize("path", ["/", "/generate", "/models/steady"])
def test_hugging_face_answers_a_list_at_the_root_and_an_object_at_generate(served: Served, path: str) -> None:
    prompt = f"Inputs at {path}?"
    reply = requests.post(served.url + path, json={"inputs": prompt}, timeout=20).json()
    assert isinstance(reply, dict) == (path == "/generate")
    answer = reply if path == "/generate" else reply[0]
    assert answer["generated_text"] == served.plan("steady", prompt).text


def test_hugging_face_repeats_the_prompt_when_told(served: Served) -> None:
    body = {"inputs": "Say it again?", "parameters": {"return_full_text": True}}
    reply = requests.post(f"{served.url}/generate", json=body, timeout=20).json()
    assert reply["generated_text"].startswith("Say it again?*A simulated answer")


def test_a_cut_whole_reply_ends_inside_its_body(served: Served) -> None:
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        chat(served, "/v1/chat/completions", "flaky:cut", "Finish?", stream=False)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"messages": 3}', b'{"messages": [{}]}', b"{}"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/api/chat", "/v2/chat"])
def test_what_is_no_request_is_a_400_or_404_and_never_a_crash(served: Served, path: str, body: bytes) -> None:
    assert requests.post(served.url + path, data=body, timeout=20).status_code in (400, 404)


def test_bench_sends_the_chunks_it_was_asked_for(served: Served) -> None:
    reply = chat(served, "/v1/chat/completions", "bench:chunks=120,rate=50", "Go.", stream=True)
    assert reply.text.count('"content":" word') == 120
    assert reply.text.endswith("data: [DONE]\n\n")


def test_an_old_http_client_is_served_without_chunks(served: Served) -> None:
    body = json.dumps({"model": "quick", "stream": True, "messages": [{"role": "user", "content": "Old?"}]})
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        head = f"POST /v1/chat/completions HTTP/1.0\r\nContent-Length: {len(body)}\r\n\r\n"
        line.sendall(f"{head}{body}".encode())
        reply = b"".join(iter(lambda: line.recv(65_536), b""))
    assert b"\r\n\r\ndata: {" in reply
    assert reply.endswith(b"data: [DONE]\n\n")


class Wire(asyncio.Transport):
    """A transport that keeps what it was given, and how often."""

    def __init__(self, full: bool = False) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.full = full

    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 10_000_000 if self.full else 0


async def test_frames_that_are_due_leave_together_and_others_wait() -> None:
    now = 0.0
    frames = [Frame(0.0, b"a"), Frame(0.0, b"b", True), Frame(10.0, b"c", True)]
    wire, call = Wire(), SimulatedCall("1", "openai", "quick", True, 1, 0.0)
    player = Player(iter(frames), wire, call, clock=lambda: now, speed=1, chunked=True)
    player.start()
    assert wire.sent == [b"2\r\nab\r\n"]
    now = 10.0
    player.stop()
    player.start()
    await player.done
    assert wire.sent[1:] == [b"1\r\nc\r\n"]
    assert (call.first_token_s, call.last_token_s, call.output_tokens) == (0.0, 10.0, 2)


async def test_a_reader_that_does_not_read_is_waited_for() -> None:
    wire, call = Wire(full=True), SimulatedCall("1", "openai", "quick", True, 1, 0.0)
    player = Player(iter([Frame(0.0, b"a")]), wire, call, clock=lambda: 0.0, speed=1, chunked=False)
    player.start()
    assert wire.sent == []
    wire.full = False
    await player.done
    assert wire.sent == [b"a"]


def test_calls_keep_the_newest_and_count_all() -> None:
    calls = Calls(most=2)
    for name in "abc":
        call = calls.begin(SimulatedCall(name, "openai", "quick", True, 1, 0.0, output_tokens=2))
        call.outcome = "done"
        calls.end(call, 1.0)
    report = json.loads(calls.report(5.0))
    assert [call["id"] for call in report["calls"]] == ["b", "c"]
    assert report["counts"] == {"requests": 3, "input_tokens": 0, "output_tokens": 6, "done": 3}
    calls.clear()
    assert json.loads(calls.report(5.0))["counts"] == {}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_says_its_port_and_stops_cleanly(how: signal.Signals) -> None:
    command = [sys.executable, "-m", "core.simulator", "--port", "0", "--print-port"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert requests.get(f"http://127.0.0.1:{port}/v1/models", timeout=20).status_code == 200
        process.send_signal(how)
        _, complaints = process.communicate(timeout=20)
    assert process.returncode == 0
    assert complaints == ""
