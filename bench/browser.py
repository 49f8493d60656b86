"""Waiting times in a browser: start, first visit, a click in a long chat, the last token of four columns.

`python -m bench.browser start|click|columns` prints one JSON object. Chromium is real; the app is the real one.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench import seeded
from bench.process import ROOT, free_port, provider, until_healthy

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SEEDED = ROOT / "bench" / "seeded.py"
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


@contextmanager
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def app(script: Path, **environ: str) -> Iterator[tuple[str, float]]:
    """Yield the address of a fresh server and the seconds until it reported healthy."""
    port, folder = free_port(), tempfile.mkdtemp()
    if script == SEEDED:
        command = [sys.executable, "-m", "bench.seeded", str(port), folder]
    else:
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
        command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    began = time.perf_counter()
    # An installed app was compiled by its first start; a shell that forbids that would have ours compiled each time.
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "ROUNDTABLE_DATA_FOLDER": folder, **environ}
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            until_healthy(port)
            yield f"http://127.0.0.1:{port}", time.perf_counter() - began
        finally:
            server.terminate()
            server.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


# Playwright asks at growing intervals, up to half a second, whether a thing is there; the page itself knows the frame.
WATCH_FIRST = """() => {
    const look = () => {
        if (document.querySelector(SELECTOR)) window.firstSeen = performance.now();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


def visit(browser: Browser, address: str, selector: str) -> float:
    """Seconds from navigation to the first frame with `selector`, in a profile with nothing cached."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(f"({WATCH_FIRST.replace('SELECTOR', json.dumps(selector))})()")
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.firstSeen", timeout=60_000)
    shown_s = float(page.evaluate("() => window.firstSeen")) / 1000
    context.close()
    return shown_s


def start(rounds: int = 5) -> dict[str, float]:
    """Server start and a first visitor's chat page, against Streamlit's hello world, alternating."""
    hello_script = ROOT / "bench" / "hello.py"
    times: dict[str, list[tuple[float, float]]] = {"hello": [], "roundtable": []}
    with chromium() as browser:
        for _ in range(rounds):
            for name, script, selector in (
                ("hello", hello_script, "[data-testid=stMarkdown]"),
                ("roundtable", ROOT / "streamlit_app.py", "[data-testid=stChatInputTextArea]"),
            ):
                with app(script) as (address, healthy_s):
                    times[name].append((healthy_s, visit(browser, address, selector)))
    health = {name: statistics.median(pair[0] for pair in pairs) for name, pairs in times.items()}
    visits = {name: statistics.median(pair[1] for pair in pairs) for name, pairs in times.items()}
    sums = {name: statistics.median(sum(pair) for pair in pairs) for name, pairs in times.items()}
    return {
        "hello_health_s": health["hello"],
        "hello_visit_s": visits["hello"],
        "health_s": health["roundtable"],
        "visit_s": visits["roundtable"],
        "sum_ratio": sums["roundtable"] / sums["hello"],
        "visit_ratio": visits["roundtable"] / visits["hello"],
    }


def click(rounds: int = 9) -> dict[str, float]:
    """A click on the sidebar's language switch and back in a chat of 20 and of 1,000 messages, alternating."""
    times: dict[int, list[float]] = {20: [], 1000: []}
    with chromium() as browser, app(SEEDED) as (address, _):
        pages: dict[int, Page] = {}
        context = browser.new_context()
        context.add_cookies([{"name": seeded.NAME, "value": seeded.COOKIE, "url": address}])
        for size in times:
            pages[size] = context.new_page()
            pages[size].goto(f"{address}/?c=bench{size}")
            pages[size].wait_for_selector("text=/answer number/ >> nth=0", timeout=60_000)
            pages[size].wait_for_selector(IDLE, timeout=60_000)
        for _ in range(rounds):
            for size, page in pages.items():
                times[size].append(one_click(page))
    medians = {size: statistics.median(values) for size, values in times.items()}
    return {"of_20_s": medians[20], "of_1000_s": medians[1000], "ratio": medians[1000] / medians[20]}


def one_click(page: Page) -> float:
    """Seconds from a click that reruns the script to the script's end with everything drawn."""
    page.bring_to_front()  # a page behind another gets no animation frames
    return float(
        page.evaluate(
            """async () => {
                const app = document.querySelector('[data-testid=stApp]');
                const button = document.querySelector('.st-key-language-switch button[aria-checked=false]');
                const began = performance.now();
                button.click();
                const until = async (wanted, most) => {
                    const end = performance.now() + most;
                    while (app.dataset.testScriptState !== wanted && performance.now() < end)
                        await new Promise(requestAnimationFrame);
                };
                await until('running', 2000);  // a run may begin and end between two frames
                await until('notRunning', 20000);
                await new Promise(requestAnimationFrame);
                return (performance.now() - began) / 1000;
            }"""
        )
    )


def columns(rounds: int = 3) -> dict[str, float | list[float]]:
    """Four columns at 100 tokens a second: the delay from writing the last token until it is on the screen."""
    lags: list[float] = []
    with chromium() as browser, provider() as port:
        environ = {"OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "none-needed-at-all"}
        with app(ROOT / "streamlit_app.py", **environ) as (address, _):
            for _ in range(rounds):
                lags += _columns_once(browser, address)
    return {"last_token_lag_s": sorted(lags), "median_s": statistics.median(lags), "worst_s": max(lags)}


def _columns_once(browser: Browser, address: str) -> list[float]:
    models = [f"openai/c{300 + n}-r100-stamp" for n in range(4)]
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.goto(f"{address}/compare?" + "&".join(f"m={model}" for model in models))
    box = page.wait_for_selector("[data-testid=stChatInputTextArea]", timeout=60_000)
    page.wait_for_selector(IDLE, timeout=60_000)
    assert box
    box.fill("Go")
    page.evaluate(WATCH_STAMPS)
    box.press("Enter")
    page.wait_for_function("() => window.idleSince && Date.now() - window.idleSince > 1500", timeout=60_000)
    seen: dict[str, float] = page.evaluate("() => window.seen")
    page.close()
    wall_minus_monotonic = time.time() - time.monotonic()
    last: dict[str, tuple[float, float]] = {}
    for stamp, wall_ms in seen.items():
        written, column = stamp.split(":")
        last[column] = max(last.get(column, (0.0, 0.0)), (float(written), wall_ms))
    return [wall_ms / 1000 - wall_minus_monotonic - written for written, wall_ms in last.values()]


WATCH_STAMPS = """() => {
    window.seen = {};
    const look = () => {
        const text = document.querySelector('[data-testid=stApp]').textContent;
        for (const [, stamp] of text.matchAll(/@(\\d+\\.\\d{3}:\\d+)/g)) {
            if (!(stamp in window.seen)) { window.seen[stamp] = Date.now(); window.idleSince = Date.now(); }
        }
        requestAnimationFrame(look);
    };
    look();
}"""

if __name__ == "__main__":
    print(json.dumps({"start": start, "click": click, "columns": columns}[sys.argv[1]]()))
