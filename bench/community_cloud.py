"""Streamlit Community Cloud imitated on this computer: `python -m bench.community_cloud [PEOPLE]`, one JSON object.

A fresh copy of the committed project, packages by `pip install -r requirements.txt` alone, secrets in secrets.toml, the
app by `streamlit run streamlit_app.py` below a limit of 1 GB of memory (a control group where this user may make one,
else a limit of the process's data). Measured is the resident memory of the app: idle, after one visitor with an answer,
after PEOPLE who all read an answer at once, after all pages were opened, and after a sleep, on a fresh disk. Installing
needs a package registry.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import aiohttp
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.process import ROOT, free_port, provider, until_healthy

LIMIT_BYTES = 1024**3
MODEL = "c400-r75-stamp"
LONGEST_S = "120"
PAGES = ("", "compare", "batch", "history", "latency", "quota", "insights", "providers")
SETTLED_S = 8.0  # after the first page the rest of the app is imported
GROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
LIMITS = ("memory.limit_in_bytes", "memory.max")
PEAKS = ("memory.max_usage_in_bytes", "memory.peak")


def main(people: str = "20") -> None:
    figures: dict[str, object] = {"people": int(people)}
    with tempfile.TemporaryDirectory(prefix="community-cloud-") as place, provider() as provider_port:
        venv = Path(place) / "venv"
        start = time.monotonic()
        install(venv)
        figures["install_s"] = round(time.monotonic() - start)
        figures["packages_mb"] = size_mb(venv)
        with limited() as (group, begin):
            figures["limit"] = "control group" if group else "data of the process"
            with app(fresh_disk(Path(place) / "day-1", provider_port), venv, begin) as (process, port):
                figures["idle_mb"] = memory_mb(process)
                figures["visitor_1"] = visit(port, "1")
                figures["after_visitor_1_mb"] = memory_mb(process)
                figures["visitors"] = visit(port, people)
                figures["after_visitors_mb"] = memory_mb(process)
                asyncio.run(open_pages(port))
                figures["after_all_pages_mb"] = memory_mb(process)
                process.terminate()
                figures["exit_code"] = process.wait(60)
            disk = fresh_disk(Path(place) / "day-2", provider_port)
            start = time.monotonic()
            with app(disk, venv, begin) as (process, port):
                figures["awake_after_s"] = round(time.monotonic() - start - SETTLED_S, 1)
                figures["visitor_after_sleep"] = visit(port, "1")
                figures["after_sleep_mb"] = memory_mb(process)
            if group:
                peak = next((group / name).read_text() for name in PEAKS if (group / name).exists())
                figures["peak_of_group_mb"] = round(int(peak) / 1e6)
    print(json.dumps(figures, indent=1))


def install(venv: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    options = ["--quiet", "--no-cache-dir", "--disable-pip-version-check", "-r", str(ROOT / "requirements.txt")]
    subprocess.run([str(venv / "bin/pip"), "install", *options], check=True, stdout=sys.stderr)


def size_mb(folder: Path) -> int:
    return round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)


def fresh_disk(folder: Path, provider_port: int) -> Path:
    """The committed files, as a fork has them, and the secrets that somebody pasted."""
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    secrets = {
        "OPENAI_API_KEY": "sk-none-needed-at-all",
        "OPENAI_BASE_URL": f"http://127.0.0.1:{provider_port}/v1",
        "ROUNDTABLE_DEFAULT_MODEL": f"openai/{MODEL}",
    }
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in secrets.items())
    (folder / ".streamlit" / "secrets.toml").write_text(lines, encoding="utf-8")
    return folder


@contextmanager
def limited() -> Iterator[tuple[Path | None, Callable[[], None]]]:
    """A control group with the limit, and what a new process does first to be in it; without the right to make one, a
    limit of the process itself."""
    group = make_group()
    if group is None:
        yield None, lambda: resource.setrlimit(resource.RLIMIT_DATA, (LIMIT_BYTES, LIMIT_BYTES))
        return

    def enter() -> None:
        (group / "cgroup.procs").write_text(str(os.getpid()))

    try:
        yield group, enter
    finally:
        group.rmdir()


def make_group() -> Path | None:
    for parent in GROUPS:
        group = parent / f"roundtable-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        for name in LIMITS:
            if (group / name).exists():
                (group / name).write_text(str(LIMIT_BYTES))
                return group
        group.rmdir()
    return None


@contextmanager
def app(folder: Path, venv: Path, begin: Callable[[], None]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    words = f"run streamlit_app.py --server.port {port} --server.address 127.0.0.1 --server.headless true"
    environ = {"PATH": f"{venv}/bin:/usr/bin:/bin", "HOME": str(folder), "STREAMLIT_SHARING_MODE": "1"}
    command = [str(venv / "bin/streamlit"), *words.split()]
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=sys.stderr, preexec_fn=begin) as process:
        try:
            until_healthy(port)
            until_ready(port)
            time.sleep(SETTLED_S)
            yield process, port
        finally:
            process.terminate()
            process.wait(60)


def until_ready(port: int) -> None:
    for _ in range(300):
        try:
            urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the app did not become ready")


def visit(port: int, people: str) -> dict[str, object]:
    command = [sys.executable, "-m", "bench.visitors", str(port), people, LONGEST_S]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    report: dict[str, object] = json.loads(done.stdout)
    return report


async def open_pages(port: int) -> None:
    """One tab that goes through all pages, each drawn to its end."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"ws://127.0.0.1:{port}/_stcore/stream", protocols=("streamlit",), max_msg_size=0) as socket,
    ):
        for page in PAGES:
            rerun = BackMsg()
            rerun.rerun_script.page_name = page
            await socket.send_bytes(rerun.SerializeToString())
            async for packet in socket:
                if ForwardMsg.FromString(packet.data).WhichOneof("type") == "script_finished":
                    break


def memory_mb(process: subprocess.Popen[bytes]) -> int:
    """Resident now."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1e6)


if __name__ == "__main__":
    main(*sys.argv[1:])
