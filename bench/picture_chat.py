"""What a page costs with a picture of 5 MB in a chat of 100 turns, and without: `python -m bench.picture_chat`.

A real server and Chromium; the two chats side by side in one run, their clicks in turn, so that what else the computer
does meets both. Prints a Markdown table of medians and their ratios.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page

from bench import seeded
from bench.browser import IDLE, chromium, one_click
from bench.process import ROOT, free_port, until_healthy
from core.records import Completion, Finish, Timing, Usage
from core.store import blobs, turns
from core.store.database import Database
from core.store.opening import open_database
from core.views.conversation import File

TURNS, ROUNDS = 100, 15
SIZE_PX = (3200, 2400)
CHATS = ("without", "with")
LIST = "chats.json"


def photograph() -> bytes:
    """A JPEG of about 5 MB, fine grain all over."""
    import io

    from PIL import Image

    grain = [Image.effect_noise(SIZE_PX, 60) for _ in range(3)]
    out = io.BytesIO()
    Image.merge("RGB", grain).save(out, "JPEG", quality=88)
    return out.getvalue()


def fill(database: Database, *, picture: bytes | None) -> str:
    """The id of a chat of so many turns, the picture in the last but one: it is on the screen."""
    begun = None
    timing = Timing(datetime.now(UTC), 300.0, 300.0, 1500.0, 1510.0, 0.0, 120)
    for number in range(TURNS):
        files = []
        if picture and number == TURNS - 2:
            name = blobs.put(database, seeded.OWNER, picture, "image/jpeg")
            shown = File("photograph.jpg", media_type="image/jpeg", sha256=name, size_bytes=len(picture))
            files = [replace(shown, width=SIZE_PX[0], height=SIZE_PX[1])]
        request_id = f"{bool(picture)}-{number}"
        begun = turns.begin(
            database,
            seeded.OWNER,
            turns.NewTurn(
                request_id,
                f"Question number {number}",
                model_id="sim/quick",
                conversation_id=begun.conversation_id if begun else None,
                parent_id=begun.answer_message_id if begun else None,
                files=files,
            ),
            owner_process="bench",
        )
        text = seeded.ANSWER.format(n=number) + (seeded.CODE if number % 4 == 0 else "")
        completion = Completion("sim/quick", text, "", Usage(50, 120), Finish("stop", "stop"), timing)
        turns.finish(database, seeded.OWNER, request_id, completion)
    assert begun
    return begun.conversation_id


def serve(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """The app as people start it, with the two chats in its database; their ids stand in a file of the folder."""
    database = open_database(None, folder)
    chats = [fill(database, picture=photograph() if name == "with" else None) for name in CHATS]
    database.close()
    (folder / LIST).write_text(json.dumps(chats))
    environ = {**os.environ, "ROUNDTABLE_DATA_FOLDER": str(folder), "ROUNDTABLE_SIMULATOR_SPEED": "100"}
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def to_front(page: Page) -> None:
    """A page behind another draws nothing, and draws all of it when it comes to the front."""
    page.bring_to_front()
    page.evaluate(
        """async () => {
            await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
            for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
        }"""
    )


def click(page: Page) -> float:
    to_front(page)
    return one_click(page)


def menu(page: Page) -> float:
    """Seconds from a click on the settings to the first frame with their boxes; closed again after it."""
    to_front(page)
    shown_s = float(page.evaluate(
        """async () => {
            const began = performance.now();
            document.querySelector('.st-key-settings button').click();
            while (!document.querySelector('[data-testid=stPopoverBody] textarea'))
                await new Promise(requestAnimationFrame);
            return (performance.now() - began) / 1000;
        }"""
    ))  # fmt: skip
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-testid=stPopoverBody]", state="detached")
    return shown_s


def send(page: Page) -> float:
    """Seconds from Enter to the first frame with the question; then the answer is waited for."""
    to_front(page)
    text = f"And then, {page.locator('[data-testid=stChatMessage]').count()}, {datetime.now(UTC).timestamp()}?"
    box = page.locator("[data-testid=stChatInputTextArea]")
    box.fill(text)
    page.evaluate(
        """text => {
            const began = performance.now();
            window.sentAfter = null;
            const look = () => {
                const last = [...document.querySelectorAll('[data-testid=stChatMessage]')].slice(-3);
                if (last.some(message => message.textContent.includes(text)))
                    window.sentAfter = (performance.now() - began) / 1000;
                else requestAnimationFrame(look);
            };
            look();
        }""",
        text,
    )
    box.press("Enter")
    page.wait_for_function("() => window.sentAfter", timeout=60_000)
    page.wait_for_selector(".st-key-stop-ask", state="detached", timeout=60_000)
    page.wait_for_selector(IDLE, timeout=60_000)
    return float(page.evaluate("() => window.sentAfter"))


STEPS: dict[str, Callable[[Page], float]] = {
    "a click that runs the page again (the language)": click,
    "opening the settings": menu,
    "sending a text, until it is on the screen": send,
}


def measure(address: str, chats: list[str]) -> dict[str, list[list[float]]]:
    """Seconds a step, one list for each chat."""
    seconds: dict[str, list[list[float]]] = {step: [[], []] for step in STEPS}
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": seeded.NAME, "value": seeded.COOKIE, "url": address}])
        pages = [context.new_page() for _ in chats]
        for page, chat_id in zip(pages, chats, strict=True):
            page.goto(f"{address}/?c={chat_id}")
            page.wait_for_selector("text=/answer number/ >> nth=0", timeout=60_000)
            page.wait_for_selector(IDLE, timeout=60_000)
        pages[1].wait_for_function(
            "() => [...document.querySelectorAll('[class*=st-key-picture-] img')].some(image => image.naturalWidth)",
            timeout=60_000,
        )
        for step, once in STEPS.items():
            for number in range(ROUNDS + 1):
                order = (0, 1) if number % 2 else (1, 0)
                for at in order:
                    took_s = once(pages[at])
                    if number:  # the first warms up
                        seconds[step][at].append(took_s)
    return seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        with serve(port, folder) as server:
            try:
                until_healthy(port)
                seconds = measure(f"http://127.0.0.1:{port}", json.loads((folder / LIST).read_text()))
            finally:
                server.terminate()
                server.wait(10)
    print("| in a chat of 100 turns | without, ms | with a picture of 5 MB, ms | ratio |\n|---|---|---|---|")
    for step, (without, having) in seconds.items():
        plain_ms, picture_ms = (statistics.median(times) * 1000 for times in (without, having))
        print(f"| {step} | {plain_ms:.0f} | {picture_ms:.0f} | {picture_ms / plain_ms:.2f} |")


if __name__ == "__main__":
    main()
