"""The examples of the library: docs/examples run, and docs/library.md and the READMEs show what runs.

The web applications are started as a reader starts them, asked over HTTP, left in the middle, and must then hold no
more descriptors and threads than before.
"""

from __future__ import annotations

import ast
import asyncio
import http.client
import json
import os
import re
import runpy
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

import core
from bench.process import free_port
from core.engine import Engine
from tests.library.conftest import Provider, descriptors, until

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
OTHERS = ("_app", "_pandas")  # that serve, and that read a log: with tests of their own
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.py") if not path.stem.endswith(OTHERS))
FENCE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def fences(page: str) -> list[str]:
    return FENCE.findall((ROOT / page).read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty folder, quick models, and every engine that an example builds closed at its end."""
    monkeypatch.setenv("ROUNDTABLE_SIMULATOR_SPEED", "1000")
    monkeypatch.chdir(tmp_path)
    made: list[Engine] = []
    build = core.build

    def recorded(*arguments: object, **options: object) -> Engine:
        made.append(build(*arguments, **options))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(core, "build", recorded)
    yield
    for engine in made:
        engine.close()


def run(code: str, name: str) -> None:
    """As a notebook does, where `await` may stand alone."""
    waiting = eval(compile(code, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {"__name__": "__main__"})
    if waiting is not None:
        asyncio.run(waiting)


def test_the_page_shows_the_scripts_as_they_are() -> None:
    shown = fences("docs/library.md")
    assert len(SCRIPTS) >= 9
    assert sorted(shown) == sorted((EXAMPLES / name).read_text(encoding="utf-8") for name in SCRIPTS)


SAYS = {
    "files.py": '"title": ',
    "ask.py": "A simulated answer",
    "gather.py": "A simulated answer",
    "chat.py": "Turn 2",
    "stream.py": " ms\n",
    "cache.py": "False True",
    "retries.py": "1 ",
    "filter.py": "masked.*mail 1.*instruct the model.*Salaries are not",
    "key_sources.py": "groq.*folder.*mistral.*arguments",
    "log.py": "",
    "tools.py": "391, as the tool.*tool 391",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert re.search(SAYS[name], capsys.readouterr().out, re.DOTALL)


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_code_of_a_readme_runs(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(fences(page)) >= 2
    for code in fences(page):
        run(code, page)
        assert "None None" not in capsys.readouterr().out


@contextmanager
def started(name: str, provider: Provider, folder: Path) -> Iterator[tuple[int, int]]:
    """The port and the process of an example that serves, where nothing may leave this computer."""
    port = free_port()
    environ = {
        **os.environ,
        **provider.environ,
        "PYTHONPATH": f"{ROOT / 'tests' / 'guard'}{os.pathsep}{ROOT}",
        "OUTSIDE_REPORT": str(folder / "outside"),
    }
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, EXAMPLES / f"{name}_app.py", str(port)], env=environ, cwd=folder, stdout=log, stderr=log
    )
    try:
        until(lambda: process.poll() is not None or accepts(port))
        assert process.poll() is None, (folder / "log").read_text()
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)
        log.close()
    assert not (folder / "outside").exists()


def accepts(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def get(port: int, path: str, **fields: str | list[str]) -> str:
    url = f"http://127.0.0.1:{port}/{path}?{urlencode(fields, doseq=True)}"
    with urllib.request.urlopen(url, timeout=60) as reply:
        return str(reply.read().decode())


def leave(port: int) -> None:
    """Read the beginning of an answer that takes a while, and go away."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("GET", "/ask?" + urlencode({"q": "Explain tides at length", "model": "groq/slow"}))
    assert client.getresponse().read(10)
    client.close()


def threads(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/task"))


def pieces(reply: str) -> str:
    return "".join(json.loads(text) for text in re.findall(r"^data: (.*)$", reply, re.MULTILINE)[:-1])


def text_of(name: str, reply: str) -> str:
    return reply if name == "django" else pieces(reply)


@pytest.mark.parametrize("name", ["flask", "django", "fastapi"])
def test_a_web_application_streams_and_forgets_who_went_away(name: str, provider: Provider, tmp_path: Path) -> None:
    with started(name, provider, tmp_path) as (port, process):
        assert "Paris" in text_of(name, get(port, "ask", q="Say Paris", model="groq/quick"))
        assert "Mistral needs a key" in get(port, "ask", q="Hi", model="mistral/mistral-small-latest")
        more(name)(port)
        leave(port)
        until(lambda: provider.outcomes(1) == ["gone"])
        before = descriptors(process), threads(process)
        for _ in range(4):
            leave(port)
        until(lambda: "running" not in provider.outcomes(5))
        assert provider.outcomes(5) == ["gone"] * 5
        until(lambda: descriptors(process) <= before[0] and threads(process) <= before[1])


def more(name: str) -> Callable[[int], None]:
    """What only this example has."""

    def flask(port: int) -> None:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        for turn in (1, 2):
            data = urlencode({"q": f"Question {turn}"}).encode()
            with opener.open(f"http://127.0.0.1:{port}/chat", data, 60) as reply:
                answer = json.load(reply)["answer"]
        assert "Turn 2" in answer

    def django(port: int) -> None:
        assert [json.loads(get(port, "whole", q="Twice"))["cached"] for _ in range(2)] == [False, True]

    def fastapi(port: int) -> None:
        answers = json.loads(get(port, "compare", q="Hi", model=["sim/quick", "sim/steady"]))
        assert all("simulated" in answer.lower() for answer in answers.values())

    return {"flask": flask, "django": django, "fastapi": fastapi}[name]
