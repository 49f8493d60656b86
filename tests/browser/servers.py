"""Servers as processes of their own, each on a free port of this computer, stopped by their process id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.process import free_port

ROOT = Path(__file__).resolve().parents[2]
GUARD = ROOT / "tests" / "guard"
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")
START_S = 60
STOP_S = 10


def copy_app(folder: Path) -> Path:
    """What the app is made of and what is compiled of it, without `.env` and secrets of this computer; into a new
    folder."""
    for name in ("core", "pages"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / ".streamlit").mkdir()
    for name in ("streamlit_app.py", ".streamlit/config.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@dataclass(frozen=True)
class Server:
    """A running server; `url` has no slash at its end, `log` is all that it wrote."""

    url: str
    process: subprocess.Popen[bytes]
    path: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return self.path.read_text(encoding="utf-8", errors="replace")

    def wait(self, health: str | None) -> None:
        """Until it answers at the path `health`, or, without one, takes a connection."""
        until = time.monotonic() + START_S
        while not self.answers(health):
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"{self.url} did not start:\n{self.log}")
            time.sleep(0.05)

    def answers(self, health: str | None) -> bool:
        try:
            if health is None:
                socket.create_connection(("127.0.0.1", int(self.url.rpartition(":")[2])), timeout=1).close()
            else:
                urllib.request.urlopen(self.url + health, timeout=5).close()
        except (OSError, urllib.error.URLError):
            return False
        return True

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Without waiting for answers that are under way."""
        self.process.kill()
        self.process.wait()


class Servers:
    """Those started in `folder`, one for each command and environment; leaving the block stops them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report = folder / "outside"
        self.started: dict[object, Server] = {}

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.started.values():
            server.kill()

    def start(self, command: list[str], cwd: Path, environment: dict[str, str], health: str | None) -> Server:
        """Run `command` with a free port as its last word."""
        key = (tuple(command), cwd, tuple(sorted(environment.items())))
        running = self.started.get(key)
        if running is None or running.process.poll() is not None:
            running = self.started[key] = self.open([*command, str(free_port())], cwd, environment)
        running.wait(health)
        return running

    def open(self, command: list[str], cwd: Path, environment: dict[str, str]) -> Server:
        path = self.folder / f"{command[-1]}.log"
        with path.open("wb") as log:
            return Server(f"http://127.0.0.1:{command[-1]}", self.spawn(command, cwd, environment, log), path)

    def spawn(self, command: list[str], cwd: Path, extra: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"HOME": str(self.folder), "PYTHONPATH": str(GUARD), "OUTSIDE_REPORT": str(self.report)}
        return subprocess.Popen(
            command, cwd=cwd, env=environment | extra, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )

    def reported(self) -> str:
        """What the servers tried to reach outside this computer since the last look."""
        try:
            text = self.report.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        self.report.unlink()
        return text
