"""Child processes for measurements: a provider for as long as a block lasts, and one measurement in a fresh Python."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PORTS = range(12_000, 32_000)  # below those of outgoing connections


@contextmanager
def provider() -> Iterator[int]:
    """Yield the port of a running `bench.provider`."""
    command = [sys.executable, "-m", "bench.provider"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin
        assert child.stdout
        try:
            yield int(child.stdout.readline())
        finally:
            child.stdin.close()
            child.wait(5)


def measure(*arguments: str, **environ: str) -> dict[str, Any]:
    """Run `python -m ARGUMENTS`, which prints one JSON object as its last line, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=600,
    )
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def free_port() -> int:
    """A port on which nobody listens now, and which no outgoing connection is given meanwhile."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until_healthy(port: int, path: str = "/_stcore/health") -> None:
    for _ in range(1500):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the app did not come up")
