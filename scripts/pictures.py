"""docs/screenshots/: every page in both languages and themes, wide and on a phone, as WebP.

`python -m scripts.pictures [PAGE ...]` starts the app with an empty database, uses it as a person would with demo
models and a simulated Groq, and takes the pictures; PAGE limits them. `scripts/screenshots` does the same.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize

from bench.browser import IDLE, app, chromium
from bench.newcomer import simulator

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
SIZES: dict[str, ViewportSize] = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}
PAGES = ("chat", "answer", "compare", "batch", "history", "latency", "quota", "insights", "providers")
QUALITY = 72  # of WebP: text stays sharp, a picture has 20 to 60 kB
LONG_MS = 90_000
QUESTIONS = (
    "Why is the sky blue at noon and red at sunset? Explain it in three sentences.",
    "Write a Python function that merges overlapping intervals, with a short test.",
    "潮汐是怎么形成的？请用三句话说明。",
)


def use(page: Page, address: str) -> dict[str, str]:
    """Ask, compare, vote and run a batch; the addresses (path and query) of what came of it, by page."""
    queries = {name: name for name in PAGES} | {"chat": ""}
    for question in QUESTIONS:
        page.goto(address)
        box = page.locator(".st-key-ask textarea")
        box.wait_for(timeout=LONG_MS)
        settle(page)
        box.fill(question)
        box.press("Enter")
        page.locator(".st-key-again:not([data-stale=true])").wait_for(timeout=LONG_MS)
        queries.setdefault("asked", page.url.removeprefix(address).lstrip("/"))
    queries["answer"] = queries.pop("asked")
    for question in QUESTIONS[:2]:
        page.goto(f"{address}/compare?m=sim/quick&m=sim/steady&m=sim/thinker")
        box = page.locator(".st-key-ask-all textarea")
        box.wait_for(timeout=LONG_MS)
        settle(page)
        box.fill(question)
        box.press("Enter")
        vote = page.locator(".st-key-vote [class*=st-key-vote-] button:not([disabled])").filter(visible=True).first
        vote.click(timeout=LONG_MS)
        settle(page)
        queries["compare"] = page.url.removeprefix(address).lstrip("/")
    page.goto(f"{address}/batch")
    page.locator(".st-key-example button").filter(visible=True).first.click(timeout=LONG_MS)
    page.locator(".st-key-batch-start button:not([disabled])").filter(visible=True).first.click(timeout=LONG_MS)
    page.get_by_text("36 of 36").first.wait_for(timeout=LONG_MS)
    queries["batch"] = page.url.removeprefix(address).lstrip("/")
    return queries


def settle(page: Page) -> None:
    """Until the page has drawn what it has to draw, twice: what opens late draws again."""
    for _ in range(2):
        page.wait_for_timeout(500)
        page.wait_for_selector(IDLE, timeout=LONG_MS)


def shots(browser: Browser, address: str, chosen: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """(name, PNG) of each picture."""
    person = browser.new_context(viewport=SIZES["wide"], locale="en-US")
    queries = use(person.new_page(), address)
    state = person.storage_state()
    person.close()
    for (size, viewport), theme, (language, locale) in product(SIZES.items(), THEMES, LANGUAGES.items()):
        context = context_of(browser, state, viewport, theme, locale)
        page = context.new_page()
        for name in chosen:
            query = queries[name]
            page.goto(f"{address}/{query}{'&' if '?' in query else '?'}lang={language}")
            page.locator(".st-key-head").wait_for(timeout=LONG_MS)
            settle(page)
            page.locator("[role=progressbar]:not([aria-valuenow='100'])").first.wait_for(
                state="detached", timeout=LONG_MS
            )
            yield f"{name}-{size}-{theme}-{language}", page.screenshot(animations="disabled")
        context.close()


def context_of(
    browser: Browser, state: StorageState, viewport: ViewportSize, theme: str, locale: str
) -> BrowserContext:
    return browser.new_context(
        storage_state=state,
        viewport=viewport,
        locale=locale,
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=viewport["width"] < 600,
    )


def main() -> None:
    chosen = tuple(sys.argv[1:]) or PAGES
    FOLDER.mkdir(exist_ok=True)
    key = "gsk_demonstration-of-a-key-00000000"
    script = FOLDER.parents[1] / "streamlit_app.py"
    options = {"ROUNDTABLE_SIMULATOR_SPEED": "8", "ROUNDTABLE_LOCAL_SERVERS": "false", "GROQ_API_KEY": key}
    with simulator() as groq, app(script, GROQ_BASE_URL=groq, ROUNDTABLE_DEFAULT_MODEL="sim/quick", **options) as up:
        with chromium() as browser:
            for name, picture in shots(browser, up[0], chosen):
                path = FOLDER / f"{name}.webp"
                Image.open(io.BytesIO(picture)).convert("RGB").save(path, quality=QUALITY, method=6)
    total = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    print(f"{len(list(FOLDER.glob('*.webp')))} pictures, {total / 1e6:.1f} MB in {FOLDER}")


if __name__ == "__main__":
    main()
