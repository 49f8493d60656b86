"""One visitor who does all that one visitor can: `python -m bench.flooder PORT SECONDS`, from 127.0.0.2.

Prints one JSON object: for each attack what was let through, refused or cut off.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from uuid import uuid4

import aiohttp

from bench.tab import Tab, Visitor, finished, form

ADDRESS = "127.0.0.2"
MARK = {"x-roundtable": "import"}
FILES, FILE_BYTES = 1000, 200_000  # 200 MB
SESSIONS, RENEWED, SLOW, EXPORTS = 500, 200, 100, 20
RERUN_TABS, RERUNS_PER_MINUTE = 10, 10_000
LONG, HUGE = "long text " * 19_000, "huge text " * 500_000  # 190 kB, which is taken; 5 MB
GIVEN_UP = (aiohttp.ClientError, ConnectionError, OSError, TimeoutError, AssertionError)


class Flood:
    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.until = port, time.monotonic() + seconds
        self.count: Counter[str] = Counter()

    @property
    def on(self) -> bool:
        return time.monotonic() < self.until

    async def run(self) -> None:
        self.visitor = Visitor(self.port, ADDRESS)
        await self.visitor.arrive()
        attacks = (
            self.files, self.imports, self.oversized, self.reruns, self.sessions, self.renewed_cookies,
            self.slow_uploads, self.questions, self.huge_texts, self.exports,
        )  # fmt: skip
        tasks = [asyncio.create_task(self._guarded(attack)) for attack in attacks]
        _, late = await asyncio.wait(tasks, timeout=self.until - time.monotonic() + 5)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.visitor.close()

    async def _guarded(self, attack: Callable[[], Awaitable[None]]) -> None:
        while self.on:
            with suppress(*GIVEN_UP):
                await attack()
            await asyncio.sleep(0.5)

    async def _tab(self, visitor: Visitor | None = None) -> Tab:
        tab = Tab(visitor or self.visitor)
        try:
            async with asyncio.timeout(30):
                await tab.open()
                await tab.rerun()
                await tab.until(finished)
        except GIVEN_UP:
            self.count["tabs refused"] += 1
            await tab.close()
            raise
        self.count["tabs opened"] += 1
        return tab

    async def _each(self, number: int, work: Callable[[int], Coroutine[None, None, None]]) -> None:
        tasks = [asyncio.create_task(work(n)) for n in range(number)]
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()

    async def files(self) -> None:
        """1,000 files, 200 MB, by Streamlit's uploader, into ten tabs."""
        body = form(b"x" * FILE_BYTES)
        tabs = [await self._tab() for _ in range(10)]
        gate = asyncio.Semaphore(50)

        async def send(n: int) -> None:
            async with gate:
                status = await self.visitor.upload(tabs[n % len(tabs)].session_id, body, len(body))
                self.count[f"files {status}"] += 1

        await self._each(FILES, send)
        for tab in tabs:
            await tab.close()

    async def imports(self) -> None:
        """Files for the history that begin and never end."""
        piece = b"[" + b" " * 3_999_999

        async def send(_: int) -> None:
            address = f"{self.visitor.url}/import?name={uuid4().hex}&at=0&size=3900000000"
            async with self.visitor.http.put(address, data=piece, headers=MARK) as reply:
                self.count[f"imports {reply.status}"] += 1

        await self._each(20, send)

    async def oversized(self) -> None:
        """Messages of 20 and of 150 MB."""
        for size in (20_000_000, 150_000_000):
            tab = await self._tab()
            with suppress(*GIVEN_UP):
                await tab.socket.send_bytes(bytes(size))
                async with asyncio.timeout(30):
                    await tab.until(lambda _: False)
            self.count[f"messages of {size // 1_000_000} MB"] += 1
            await tab.close()

    async def reruns(self) -> None:
        """10,000 clicks a minute."""
        tabs = [await self._tab() for _ in range(RERUN_TABS)]

        async def click(n: int) -> None:
            reading = asyncio.create_task(tabs[n].until(lambda _: False))
            while self.on:
                await tabs[n].rerun()
                self.count["clicks"] += 1
                await asyncio.sleep(60 * RERUN_TABS / RERUNS_PER_MINUTE)
            reading.cancel()

        await self._each(RERUN_TABS, click)

    async def sessions(self) -> None:
        """500 open tabs with one cookie."""
        await self._hold(SESSIONS, lambda: self._tab())

    async def renewed_cookies(self) -> None:
        """200 tabs, each with a cookie of its own."""

        async def opened() -> Tab:
            visitor = Visitor(self.port, ADDRESS)
            visitors.append(visitor)
            await visitor.arrive()
            return await self._tab(visitor)

        visitors: list[Visitor] = []
        await self._hold(RENEWED, opened)
        for visitor in visitors:
            await visitor.close()

    async def _hold(self, number: int, opened: Callable[[], Awaitable[Tab]]) -> None:
        gate = asyncio.Semaphore(20)

        async def hold(_: int) -> None:
            async with gate:
                tab = await opened()
            with suppress(*GIVEN_UP):
                await tab.until(lambda _: not self.on)

        await self._each(number, hold)

    async def slow_uploads(self) -> None:
        """Uploads that send a byte a second."""
        tab = await self._tab()

        async def trickle() -> AsyncIterator[bytes]:
            yield form(b"").partition(b"\r\n--x--")[0]
            while self.on:
                yield b"-"
                await asyncio.sleep(1)

        async def send(_: int) -> None:
            status = await self.visitor.upload(tab.session_id, trickle, 100_000_000)
            self.count[f"slow uploads {status}"] += 1

        await self._each(SLOW, send)
        await tab.close()

    async def questions(self) -> None:
        """Long questions, as fast as they are taken."""
        await self._ask(20, LONG, "questions")

    async def huge_texts(self) -> None:
        """Texts of 5 MB pasted into the chat."""
        await self._ask(5, HUGE, "huge texts")

    async def _ask(self, number: int, prompt: str, name: str) -> None:
        async def ask(n: int) -> None:
            tab = await self._tab()
            while self.on:
                await tab.rerun(f"{n} {time.monotonic()} {prompt}")
                self.count[name] += 1
                await tab.until(finished)
            await tab.close()

        await self._each(number, ask)

    async def exports(self) -> None:
        """Exports of everything, read slowly."""

        async def read(_: int) -> None:
            async with self.visitor.http.get(f"{self.visitor.url}/export/json") as reply:
                self.count[f"exports {reply.status}"] += 1
                while self.on and await reply.content.read(1000):
                    await asyncio.sleep(1)

        await self._each(EXPORTS, read)


async def main(port: int, seconds: float) -> None:
    flood = Flood(port, seconds)
    await flood.run()
    print(json.dumps(dict(sorted(flood.count.items()))))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
