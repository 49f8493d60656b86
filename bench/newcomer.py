"""What a newcomer needs in clicks and seconds for five tasks, in Chromium against the real app.

`python -m bench.newcomer` prints a table. A click is a press of the mouse; typing, pasting and Enter are none. Nobody
hesitates, so the seconds are those of the app and the browser. The provider of the pasted key is the simulator in
Groq's shape. `BEFORE` was counted by hand in the version before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Locator, Page

from bench.browser import IDLE, app, chromium
from bench.process import ROOT, free_port

KEY = "gsk_" + "a1B2" * 8
BEFORE = {"key": "5", "compare": "4 and scrolling", "quota": "1 and scrolling", "text": "2 a provider", "batch": "8"}
LONG_MS = 60_000
SUMS = "\n".join(f"Repeat only this number: {number}\t{number}" for number in range(1, 21))


@dataclass
class Newcomer:
    """Somebody at a page of 1280 × 720; clicks and seconds count from `begin`."""

    page: Page
    clicks: int = 0
    began: float = field(default_factory=time.perf_counter)

    def begin(self, address: str, sight: str) -> None:
        self.page.goto(address)
        self.page.locator(sight).first.wait_for(timeout=LONG_MS)
        self.page.wait_for_selector(IDLE, timeout=LONG_MS)
        self.clicks, self.began = 0, time.perf_counter()

    def click(self, target: Locator) -> None:
        visible = target.filter(visible=True).first
        visible.click(timeout=LONG_MS)
        self.clicks += 1

    def seconds(self) -> float:
        return time.perf_counter() - self.began

    def is_in_view(self, target: Locator) -> bool:
        """Whether all of it is in the window without scrolling, once it is drawn."""
        target.wait_for(timeout=LONG_MS)
        box, size = target.bounding_box(), self.page.viewport_size
        return bool(
            box and size
            and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
            and box["x"] >= 0 and box["x"] + box["width"] <= size["width"] + 1
        )  # fmt: skip


@dataclass(frozen=True)
class Task:
    name: str
    before: str
    clicks: int
    seconds: float
    remark: str


def add_a_key_and_ask(newcomer: Newcomer, address: str) -> Task:
    page = newcomer.page
    newcomer.begin(address, ".st-key-add-key")
    newcomer.click(page.locator(".st-key-add-key button"))
    box = page.locator(".st-key-welcome-keys textarea")
    newcomer.click(box)
    box.fill(KEY)
    box.press("Enter")
    newcomer.click(page.locator(".st-key-welcome-chat button"))
    question = page.locator(".st-key-ask textarea")
    question.fill("What are tides?")  # the focus is in the box
    question.press("Enter")
    page.locator(".st-key-again:not([data-stale=true])").wait_for(timeout=LONG_MS)
    return Task("Add a key and ask", BEFORE["key"], newcomer.clicks, newcomer.seconds(), "answered by the provider")


def compare_and_vote(newcomer: Newcomer, address: str) -> Task:
    page = newcomer.page
    newcomer.begin(address, ".st-key-pages a")
    newcomer.click(page.locator(".st-key-pages a[href*=compare]"))
    box = page.locator(".st-key-ask-all textarea")
    newcomer.click(box)
    box.fill("What are tides?")
    box.press("Enter")
    vote = page.locator(".st-key-vote [class*=st-key-vote-] button:not([disabled])").first
    vote.wait_for(timeout=LONG_MS)
    heads = page.locator("[class*=st-key-lane-head-]")
    visible = sum(newcomer.is_in_view(heads.nth(number)) for number in range(heads.count()))
    in_view = newcomer.is_in_view(vote)
    newcomer.click(vote)
    remark = f"{visible} of {heads.count()} columns in view, vote {'in view' if in_view else 'below'}"
    return Task("Compare four and vote", BEFORE["compare"], newcomer.clicks, newcomer.seconds(), remark)


def see_the_quota(newcomer: Newcomer, address: str) -> Task:
    page = newcomer.page
    newcomer.begin(address, ".st-key-pages a")
    newcomer.click(page.locator(".st-key-pages a[href*=quota]"))
    page.get_by_role("heading", level=1, name="Quota").wait_for(timeout=LONG_MS)
    page.wait_for_selector(IDLE, timeout=LONG_MS)
    seconds = newcomer.seconds()
    groq = page.get_by_text("Groq").filter(visible=True).first
    remark = "the provider's row is in view" if newcomer.is_in_view(groq) else "the provider's row is below"
    return Task("See what quota is left", BEFORE["quota"], newcomer.clicks, seconds, remark)


def see_what_happens_with_the_text(newcomer: Newcomer, address: str) -> Task:
    newcomer.begin(address, ".st-key-terms")
    words = newcomer.page.locator(".st-key-terms")
    remark = words.inner_text() if newcomer.is_in_view(words) else "below"
    return Task("What happens with my text", BEFORE["text"], newcomer.clicks, newcomer.seconds(), remark)


def check_twenty(newcomer: Newcomer, address: str) -> Task:
    page = newcomer.page
    newcomer.begin(address, ".st-key-pages a")
    newcomer.click(page.locator(".st-key-pages a[href*=batch]"))
    newcomer.click(page.locator(".st-key-batch-source button").nth(1))
    box = page.locator(".st-key-batch-pasted textarea")
    newcomer.click(box)
    box.fill(SUMS)
    box.press("Control+Enter")
    newcomer.click(page.locator(".st-key-batch-start button:not([disabled])"))
    page.get_by_text("20 of 20").first.wait_for(timeout=LONG_MS)
    seconds = newcomer.seconds()
    checked = page.get_by_text("as expected").count() + page.get_by_text("Expected").count()
    remark = "each answer checked" if checked else "answers are not checked"
    return Task("Batch of 20 with expected answers", BEFORE["batch"], newcomer.clicks, seconds, remark)


TASKS: tuple[Callable[[Newcomer, str], Task], ...] = (
    compare_and_vote, check_twenty, add_a_key_and_ask, see_what_happens_with_the_text, see_the_quota,
)  # fmt: skip


@contextmanager
def simulator() -> Iterator[str]:
    """The address of a simulated Groq."""
    port = free_port()
    command = [sys.executable, "-m", "core.simulator", "--port", str(port), "--speed", "5", "--print-port"]
    with subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        process.stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}/groq/v1"
        finally:
            process.terminate()


def measured(browser: Browser, address: str) -> Iterator[Task]:
    """All tasks by one person, one after another."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
    newcomer = Newcomer(context.new_page())
    for task in TASKS:
        try:
            yield task(newcomer, address)
        except Exception as error:
            yield Task(
                task.__name__, "", newcomer.clicks, newcomer.seconds(), f"not done: {str(error).splitlines()[0]}"
            )
    context.close()


def main() -> None:
    print("| task | clicks before | clicks | seconds | |\n| --- | --- | --: | --: | --- |")
    with simulator() as groq, app(ROOT / "streamlit_app.py", GROQ_BASE_URL=groq, ROUNDTABLE_SIMULATOR_SPEED="5") as up:
        with chromium() as browser:
            for task in measured(browser, up[0]):
                print(
                    f"| {task.name} | {task.before} | {task.clicks} | {task.seconds:.1f} | {task.remark} |", flush=True
                )


if __name__ == "__main__":
    main()
