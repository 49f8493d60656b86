"""Whether the Latency page tells the truth, and how long it takes to open. Each prints one JSON object.

`python -m bench.latency truth [ROUNDS]`: the simulator on a port, its own clock as the truth; the real app draws a
comparison of six lanes, ROUNDS (34) times, and what it kept in its log is held against what the simulator sent.
`python -m bench.latency page [CALLS ...]`: server time of the page over logs of 10,000 and 1,000,000 calls, each chart.
`python -m bench.latency write`: what counting adds to keeping an answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.process import ROOT, free_port, measure, until_healthy

LANES = ("quick:1", "quick:2", "steady:1", "steady:2", "steady:3", "thinker:1")
PROMPT = "Explain tides, variation {n}."
LONGEST_S, QUIET_S = 120.0, 1.0
CHARTS = ("strip", "ecdf", "stages", "time", "week", "errors")


class Comparer:
    """A tab on the comparison page that asks again and again, and reads everything it is sent until a run has ended."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._url = f"ws://127.0.0.1:{port}/_stcore/stream"
        self._query = urlencode({"m": [f"openai/{lane}" for lane in LANES]}, doseq=True)
        self._input = ""

    async def ask(self, rounds: int) -> int:
        """How many messages the server sent to draw the answers."""
        async with self._session.ws_connect(self._url, protocols=("streamlit",), max_msg_size=0) as socket:
            await socket.send_bytes(self._rerun())
            drawn = await self._listen(socket)
            for n in range(rounds):
                await socket.send_bytes(self._rerun(PROMPT.format(n=n)))
                drawn += await self._listen(socket)
            return drawn

    def _rerun(self, prompt: str | None = None) -> bytes:
        message = BackMsg()
        message.rerun_script.page_name = "compare"
        message.rerun_script.query_string = self._query
        if prompt is not None:
            state = message.rerun_script.widget_states.widgets.add()
            state.id = self._input
            state.chat_input_value.data = prompt
        packet: bytes = message.SerializeToString()
        return packet

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> int:
        """Until a script run ends that no other follows at once: the last lane ended and the page was drawn anew."""
        drawn, quiet_s = 0, LONGEST_S
        while True:
            try:
                packet = await socket.receive(timeout=quiet_s)
            except TimeoutError:
                return drawn
            message = ForwardMsg.FromString(packet.data)
            kind = message.WhichOneof("type")
            if kind in ("new_session", "script_finished"):
                quiet_s = QUIET_S if kind == "script_finished" else LONGEST_S
            if kind == "delta":
                drawn += 1
                element = message.delta.new_element
                if element.WhichOneof("type") == "chat_input":
                    self._input = element.chat_input.id


@contextmanager
def simulator() -> Iterator[int]:
    command = [sys.executable, "-m", "core.simulator", "--port", "0", "--print-port"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        try:
            yield int(child.stdout.readline())
        finally:
            child.terminate()
            child.wait(5)


@contextmanager
def app(folder: str, port: int) -> Iterator[int]:
    environ = {
        **os.environ,
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "OPENAI_API_KEY": "none-needed-at-all",
        "ROUNDTABLE_DATA_FOLDER": folder,
    }
    app_port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true"]
    command += [f"--server.port={app_port}", "--server.address=127.0.0.1"]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL) as child:
        try:
            until_healthy(app_port)
            yield app_port
        finally:
            child.terminate()
            child.wait(10)


def truth(rounds: int) -> dict[str, Any]:
    with simulator() as port, tempfile.TemporaryDirectory() as folder:
        with app(folder, port) as app_port:
            drawn = asyncio.run(_ask(app_port, rounds))
        shown = _compare(_sent(port), _stored_calls(Path(folder) / "roundtable.db"))
        _sent(port, "DELETE")
        bare = measure("bench.latency", "bare", str(port), str(rounds))
        alone = _compare(_sent(port), bare["rows"])
    return {"rounds": rounds, "messages_drawn": drawn, "six_lanes_drawn": shown, "nothing_drawn": alone}


def _sent(port: int, method: str = "GET") -> list[dict[str, Any]]:
    """The simulator's log of what it sent, by its own clock; DELETE empties it."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/_simulator/calls", method=method)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return list(json.load(reply).get("calls", ()))


async def bare(port: int, rounds: int) -> dict[str, Any]:
    """The same six lanes by the same engine in a process that draws nothing: what the machine itself adds."""
    from core.assemble import build
    from core.options import load
    from core.records import ChatRequest, Completion, Message

    environ = {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "none-needed-at-all"}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        engine = build(load(environ=environ, folder=Path(folder)), folder=Path(folder))
        for n in range(rounds):
            messages = (Message("user", PROMPT.format(n=n)),)
            async for _, event in engine.compare([ChatRequest(messages, f"openai/{lane}") for lane in LANES]):
                if isinstance(event, Completion) and event.usage:
                    times = {"ttft_ms": event.timing.ttft_ms, "last_ms": event.timing.last_ms}
                    rows.append({"model_id": event.model_id, "output_tokens": event.usage.output_tokens, **times})
    return {"rows": rows}


async def _ask(port: int, rounds: int) -> int:
    async with aiohttp.ClientSession() as session:
        return await Comparer(session, port).ask(rounds)


def _stored_calls(path: Path) -> list[dict[str, Any]]:
    """The log of the app, read beside it."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute("SELECT * FROM calls WHERE outcome = 'ok' ORDER BY at")]
    connection.close()
    return rows


def _compare(sent: list[dict[str, Any]], stored: list[dict[str, Any]]) -> dict[str, Any]:
    """Each lane's model was asked once a round, so the n-th call there is the n-th row here."""
    first_ms, first_share, speed_share = [], [], []
    for lane in LANES:
        served = [call for call in sent if call["model"] == lane and call["outcome"] == "done"]
        rows = [row for row in stored if row["model_id"] == f"openai/{lane}"]
        if len(served) != len(rows):
            raise SystemExit(f"{lane}: {len(served)} calls there, {len(rows)} rows here")
        for call, row in zip(sorted(served, key=lambda call: call["received_s"]), rows, strict=True):
            true_ms = (call["first_token_s"] - call["received_s"]) * 1000
            first_ms.append(row["ttft_ms"] - true_ms)
            first_share.append(abs(first_ms[-1]) / true_ms)
            true_speed = call["output_tokens"] / (call["last_token_s"] - call["first_token_s"])
            speed = row["output_tokens"] * 1000 / (row["last_ms"] - row["ttft_ms"])
            speed_share.append(abs(speed - true_speed) / true_speed)
    within = [abs(ms) <= 10 or share <= 0.02 for ms, share in zip(first_ms, first_share, strict=True)]
    return {
        "answers": len(first_ms),
        "first_token_ms": {"median": statistics.median(map(abs, first_ms)), "p95": _p95([abs(ms) for ms in first_ms])},
        "first_token_share": {"median": statistics.median(first_share), "p95": _p95(first_share)},
        "first_token_within": sum(within) / len(within),
        "speed_share": {"median": statistics.median(speed_share), "p95": _p95(speed_share)},
        "speed_within_3_percent": sum(share <= 0.03 for share in speed_share) / len(speed_share),
    }


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def page(sizes: list[int]) -> dict[str, Any]:
    """Seconds of a script run by chart, each size in a process of its own; the median of five after a first one."""
    times = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "bench.calls", folder, str(size)], cwd=ROOT, check=True)
            times[str(size)] = measure("bench.latency", "runs", ROUNDTABLE_DATA_FOLDER=folder)
    small, large = (times[str(size)] for size in (sizes[0], sizes[-1]))
    ratios = {name: round(large[name] / small[name], 2) for name in small}
    return {**times, "ratio": ratios}


def runs() -> dict[str, float]:
    """One size: the page without a browser, in the app's own process, over the database in the data folder."""
    from streamlit.testing.v1 import AppTest

    from bench.seeded import OWNER
    from core.ui import app_state, owner, visitor

    owner.current = lambda: OWNER
    visitor.settle = lambda: None
    app_state.get().open()
    began = time.perf_counter()
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at = at.switch_page("pages/latency.py")
    at.run()
    times = {"first": round(time.perf_counter() - began, 3)}
    for span in ("7d", "all"):
        at.session_state["latency-range"] = span
        for chart in CHARTS:
            at.session_state["latency-chart"] = chart
            times[f"{chart} {span}"] = round(statistics.median(_run(at) for _ in range(5)), 3)
    app_state.get().workspace.database.close()
    return times


def _run(at: Any) -> float:
    began = time.perf_counter()
    at.run()
    assert not at.exception, at.exception
    return time.perf_counter() - began


def write() -> dict[str, Any]:
    """Milliseconds to keep an answer of its own (one transaction, on disk), with counting and without."""
    from datetime import UTC, datetime
    from unittest.mock import patch

    from core.records import Attempt, Completion, Finish, Timing, Usage
    from core.store import calls
    from core.store.latency import write as writing
    from core.store.opening import open_database

    attempt = Attempt("sim", "sim/quick", 1, "ok", 900.0, cold=False, simulated=True)
    times: dict[str, list[float]] = {"counted": [], "row_alone": []}
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(None, Path(folder))
        for n in range(1200):
            name = "counted" if n % 2 else "row_alone"
            timing = Timing(datetime.now(UTC), 200.0 + n, 210.0 + n, 900.0 + n, 905.0, arrivals=9, streamed=True)
            made = Completion("sim/quick", "", "", Usage(9, 90), Finish("stop"), timing, attempts=(attempt,))
            with patch.object(writing, "count", writing.count if n % 2 else lambda *_: None):
                began = time.perf_counter()
                calls.add(database, "bench", made, request_id=f"r{n}")
                times[name].append((time.perf_counter() - began) * 1000)
        database.close()
    return {f"{name}_ms": round(statistics.median(values), 2) for name, values in times.items()}


def main(measurement: str, *arguments: str) -> None:
    match measurement:
        case "truth":
            result = truth(int(arguments[0]) if arguments else 34)
        case "page":
            result = page([int(size) for size in arguments] or [10_000, 1_000_000])
        case "bare":
            result = asyncio.run(bare(int(arguments[0]), int(arguments[1])))
        case "runs":
            result = runs()
        case "write":
            result = write()
        case _:
            raise SystemExit(__doc__)
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
