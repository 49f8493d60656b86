"""LangChain, ai21 and Vercel's `ai` unchanged: their own requests, as `recorded/record.py` kept them, get the very
replies that they read then. The clients themselves are not run here; `recorded/` tells how to run and record them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator.conftest import Served

RECORDED = Path(__file__).with_name("recorded")
EXCHANGES = [
    exchange for path in sorted(RECORDED.glob("*.json")) for exchange in json.loads(path.read_text(encoding="utf-8"))
]
# What another moment or request changes; that it is there, and of its kind, is still looked at.
PASSING = re.compile(r"id|.*_id|.*Id|created|created_at|.*_at|createTime|.*_duration|request_id")
each = pytest.mark.parametrize(
    "exchange",
    EXCHANGES,
    ids=lambda exchange: f"{exchange['client'].split()[-2]}-{exchange['model']}-{exchange['path']}",
)


def read(lines: list[str]) -> list[Any]:
    """A whole body, frames of a stream or lines of JSON, each as JSON where it is JSON."""
    payloads = [line.removeprefix("data: ") for line in lines if line.strip()]
    return [json.loads(line) if line.startswith(("{", "[{")) else line for line in payloads]


def departures(was: Any, now: Any, where: str = "") -> list[str]:
    """Where a reply lacks what it had, or says something else. More than it had is no departure."""
    if isinstance(was, dict) and isinstance(now, dict):
        return [
            difference
            for name, value in was.items()
            for difference in (
                departures(value, now[name], f"{where}.{name}") if name in now else [f"{where}.{name} is missing"]
            )
        ]
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = enumerate(zip(was, now, strict=True))
        return [
            difference for place, (left, right) in pairs for difference in departures(left, right, f"{where}[{place}]")
        ]
    passing = PASSING.fullmatch(where.rpartition(".")[2]) and type(was) is type(now)
    return [] if passing or was == now else [f"{where}: {was!r} is now {now!r}"]


@each
def test_a_recorded_request_gets_the_reply_that_its_client_read(served: Served, exchange: dict[str, Any]) -> None:
    reply = requests.post(served.url + exchange["path"], json=exchange["body"], headers=exchange["headers"], timeout=20)
    assert (reply.status_code, reply.headers["Content-Type"]) == (exchange["status"], exchange["media"])
    assert departures(read(exchange["reply"]), read(reply.content.decode().splitlines())) == []


# What these clients cannot hear: fields that they do not read from any server.
DEAF = {
    ("langchain-openai", "/v1/chat/completions"): {"reasoning"},
    ("@ai-sdk/openai", "/v1/chat/completions"): {"reasoning"},
    ("ai21", "/studio/v1/chat/completions"): {"reasoning"},
    ("langchain-cohere", "/v2/chat"): {"read", "wrote"},  # of a stream
}


@each
def test_a_client_heard_what_was_planned(served: Served, exchange: dict[str, Any]) -> None:
    """The recording is of a client that understood: text, thoughts and counts are the plan's."""
    heard, prompt, model = dict(exchange["heard"]), exchange["prompt"], exchange["model"]
    if model == "nobody":
        assert (exchange["status"], heard["error"] != "") == (404, True)
        return
    made = served.plan(model, prompt, max_tokens=exchange["most"])
    heard["text"] = heard["text"].rstrip()  # of LangChain's client for Google
    deaf = DEAF.get((exchange["client"].split()[-2], exchange["path"]), set())
    reply = {
        "text": made.text.rstrip(),
        "reasoning": made.reasoning,
        "read": made.usage.input_tokens,
        "wrote": made.usage.output_tokens,
    }
    assert {name: heard[name] for name in reply.keys() - deaf} == {name: reply[name] for name in reply.keys() - deaf}


def test_every_client_is_recorded() -> None:
    clients = {exchange["client"].split()[-2] for exchange in EXCHANGES}
    assert {"ai21", "langchain-openai", "@ai-sdk/openai"} <= clients
    assert len(EXCHANGES) == 4 * (8 + 1 + 8)
