"""`python -m bench.flood [SECONDS]`: one visitor floods the server while 20 others, and a browser, go on.

First the others alone, then beside `bench.flooder`, both for SECONDS (60). Prints one JSON object: for the others the
seconds of a click, of the first token and of opening the page in both halves with their ratios, and every error; what
became of the flood; the largest memory of the server's process and of its data folder, in MB.

The server has a core of its own; others, flooder and provider share the second one.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

from bench.process import ROOT, free_port, provider, until_healthy
from bench.tab import Tab, Visitor, finished, shows, timed

OTHERS = 20
MODEL = "c40-r40-stamp"
PAUSE_S = 2.0
LONGEST_S = 60.0
BOX, IDLE = "[data-testid=stChatInputTextArea]", "[data-testid=stApp][data-test-script-state=notRunning]"


@dataclass
class Figures:
    """Seconds by what was measured, and the errors."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: Counter[str] = field(default_factory=Counter)

    def report(self) -> dict[str, Any]:
        return {name: _quantiles(values) for name, values in sorted(self.seconds.items())}


class Others:
    """Who goes on asking: each opens the page, clicks, asks, reads the answer to its end, and comes again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.figures = Figures()
        self.on = True

    async def go_on(self, number: int) -> None:
        visitor = Visitor(self.port)
        await visitor.arrive()
        await asyncio.sleep(number * PAUSE_S / OTHERS)
        while self.on:
            try:
                async with asyncio.timeout(LONGEST_S):
                    await self._visit(visitor)
            except Exception as error:
                self.figures.faults[f"{type(error).__name__} {error}"[:100]] += 1
            await asyncio.sleep(PAUSE_S)
        await visitor.close()

    async def _visit(self, visitor: Visitor) -> None:
        tab, seconds = Tab(visitor), self.figures.seconds
        try:
            seconds["open"].append(await timed(self._open(tab)))
            await tab.rerun()
            seconds["click"].append(await timed(tab.until(finished)))
            await tab.rerun("Go")
            seconds["first token"].append(await timed(tab.until(shows("@"))))
            await tab.until(finished)
        finally:
            self.figures.faults.update(tab.faults)
            await tab.close()

    async def _open(self, tab: Tab) -> None:
        await tab.open()
        await tab.rerun()
        await tab.until(finished)


class Chromium(Thread):
    """One real browser, which asks again and again."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.figures, self.over = port, Figures(), Event()
        self.start()

    def run(self) -> None:
        from bench.browser import chromium

        with chromium() as browser:
            page = browser.new_page()
            while not self.over.wait(PAUSE_S):
                try:
                    page.goto(f"http://127.0.0.1:{self.port}/", timeout=LONGEST_S * 1000)
                    box = page.wait_for_selector(BOX, timeout=LONGEST_S * 1000)
                    page.wait_for_selector(IDLE, timeout=LONGEST_S * 1000)
                    assert box
                    box.fill("Go")
                    began = time.perf_counter()
                    box.press("Enter")
                    page.wait_for_function(
                        "() => /@\\d+\\.\\d{3}:/.test(document.body.textContent)", polling=20, timeout=LONGEST_S * 1000
                    )
                    self.figures.seconds["browser, first token"].append(time.perf_counter() - began)
                    page.wait_for_selector(IDLE, timeout=LONGEST_S * 1000)
                except Exception as error:
                    self.figures.faults[f"browser: {type(error).__name__}"] += 1


class Watch(Thread):
    """The largest memory and data folder of the server."""

    def __init__(self, pid: int, folder: Path) -> None:
        super().__init__(daemon=True)
        self.pid, self.folder, self.rss_mb, self.disk_mb, self.threads = pid, folder, 0.0, 0.0, 0
        self.start()

    def run(self) -> None:
        while True:
            with suppress(OSError, ValueError, StopIteration):
                status = dict(line.split(":", 1) for line in Path(f"/proc/{self.pid}/status").read_text().splitlines())
                self.rss_mb = max(self.rss_mb, int(status["VmRSS"].split()[0]) / 1024)
                self.threads = max(self.threads, int(status["Threads"]))
                size = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
                self.disk_mb = max(self.disk_mb, size / 1e6)
            time.sleep(0.2)


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered), 3),
        "p95": round(ordered[int(len(ordered) * 0.95)], 3),
        "worst": round(ordered[-1], 3),
    }


async def measure(port: int, seconds: float, *, flood: bool) -> tuple[Figures, dict[str, int]]:
    """One half: the others, with or without the flood."""
    others, browser, counted = Others(port), Chromium(port), dict[str, int]()
    tasks = [asyncio.create_task(others.go_on(number)) for number in range(OTHERS)]
    if flood:
        command = ["nice", sys.executable, "-m", "bench.flooder", str(port), str(seconds)]
        flooder = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
        written, _ = await asyncio.wait_for(flooder.communicate(), seconds + 60)
        counted = json.loads(written)
    else:
        await asyncio.sleep(seconds)
    others.on = False
    browser.over.set()
    await asyncio.gather(*tasks)
    await asyncio.to_thread(browser.join, LONGEST_S)
    figures = others.figures
    figures.seconds |= browser.figures.seconds
    figures.faults += browser.figures.faults
    return figures, counted


async def both(port: int, seconds: float, watch: Watch) -> dict[str, Any]:
    quiet, _ = await measure(port, seconds, flood=False)
    before_mb = watch.rss_mb
    flooded, counted = await measure(port, seconds, flood=True)
    alone, beside = quiet.report(), flooded.report()
    ratios = {
        name: {part: round(beside[name][part] / alone[name][part], 2) for part in ("p50", "p95")}
        for name in alone.keys() & beside.keys()
    }
    return {
        "alone": alone,
        "beside the flood": beside,
        "ratios": ratios,
        "errors alone": quiet.faults,
        "errors beside the flood": flooded.faults,
        "flood": counted,
        "memory_mb": {"alone": round(before_mb), "beside the flood": round(watch.rss_mb)},
        "data_folder_mb": round(watch.disk_mb),
        "threads": watch.threads,
    }


def main(seconds: float = 60.0) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-1:])
    with provider() as provider_port, tempfile.TemporaryDirectory(prefix="rt-flood-") as folder:
        environ = {
            **os.environ,
            "OPENAI_BASE_URL": f"http://127.0.0.1:{provider_port}/v1",
            "OPENAI_API_KEY": "none-needed-at-all",
            "ROUNDTABLE_DEFAULT_MODEL": f"openai/{MODEL}",
            "ROUNDTABLE_DATA_FOLDER": folder,
            "ROUNDTABLE_LOCAL_SERVERS": "false",
        }
        port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true"]
        command += [f"--server.port={port}", "--server.address=127.0.0.1"]
        log = Path(folder) / "log"
        with log.open("w") as output, subprocess.Popen(command, cwd=ROOT, env=environ, stderr=output) as app:
            try:
                os.sched_setaffinity(app.pid, cores[:1])
                until_healthy(port)
                print(json.dumps(asyncio.run(both(port, seconds, Watch(app.pid, Path(folder)))), indent=1))
            finally:
                app.terminate()
                app.wait(40)
                if os.environ.get("BENCH_LOG"):
                    Path(os.environ["BENCH_LOG"]).write_text(log.read_text())


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
