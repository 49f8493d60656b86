"""Record what clients that are not in the lock ask of the simulator, what it answers, and what they hear.

    python -m tests.simulator.recorded.record langchain PYTHON    an interpreter that has LangChain
    python -m tests.simulator.recorded.record ai21 PYTHON         one that has ai21
    python -m tests.simulator.recorded.record vercel FOLDER       where `npm install` put `ai` and its @ai-sdk packages

Each writes NAME.json beside this file. LangChain and ai21 cannot share the app's lock: one wants a newer certifi than
the app is tested with, the other a tenacity before 9. `ai` is no Python.
"""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import requests

from core.simulator.server import SimulatorServer
from tests.simulator.conftest import SEED

HERE = Path(__file__).parent
HEADERS = ("user-agent", "content-type", "accept", "anthropic-version")


class Recorder(BaseHTTPRequestHandler):
    """Hands a request of case N (`/N/...`) on and keeps the exchange."""

    upstream = ""
    recorded: ClassVar[dict[int, dict[str, Any]]] = {}

    def do_POST(self) -> None:
        _, number, path = self.path.split("/", 2)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in HEADERS if self.headers[name]}
        reply = requests.post(f"{self.upstream}/{path}", data=body, headers=headers, timeout=20)
        media = reply.headers["Content-Type"]
        self.recorded[int(number)] = {
            "path": f"/{path}",
            "headers": headers,
            "body": json.loads(body),
            "status": reply.status_code,
            "media": media,
            "reply": reply.content.decode().splitlines(),
        }
        self.send_response(reply.status_code)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content)

    def log_message(self, *_: object) -> None:
        pass


def main(name: str, where: str) -> None:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    listening = SimulatorServer(seed=SEED, speed=math.inf).listen()
    _, port = asyncio.run_coroutine_threadsafe(listening, loop).result(10)
    Recorder.upstream = f"http://127.0.0.1:{port}"
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{proxy.server_address[1]}"
    script = str(HERE / f"{name}_client.{'mjs' if name == 'vercel' else 'py'}")
    command = ["node", script, url, where] if name == "vercel" else [where, script, url]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout
    cases = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    exchanges = [{**case, **Recorder.recorded[number]} for number, case in enumerate(cases)]
    (HERE / f"{name}.json").write_text(json.dumps(exchanges, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{len(exchanges)} exchanges in {name}.json")


if __name__ == "__main__":
    main(*sys.argv[1:])
