"""One way of reading streams, measured: `python -m bench.client WHO PORT STREAMS MODEL` prints CPU and wall seconds.

WHO is `bare` (aiohttp and json, nothing checked), `sdk` (the openai package) or `roundtable`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable

Reader = Callable[[], Awaitable[int]]
Close = Callable[[], Awaitable[object]]
PROMPT = [{"role": "user", "content": "Hello"}]


async def nothing() -> None:
    """An engine closes its session with its loop."""


async def bare(url: str, model: str) -> tuple[Reader, Close]:
    import aiohttp

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    async def read() -> int:
        chunks = 0
        body = {"model": model, "messages": PROMPT, "stream": True}
        async with session.post(f"{url}/chat/completions", json=body) as reply:
            async for line in reply.content:
                if line.startswith(b"data: {"):
                    choices = json.loads(line[6:])["choices"]
                    if choices and choices[0]["delta"].get("content"):
                        chunks += 1
        return chunks

    return read, session.close


async def sdk(url: str, model: str) -> tuple[Reader, Close]:
    import openai
    from openai.types.chat import ChatCompletionUserMessageParam

    prompt = [ChatCompletionUserMessageParam(role="user", content="Hello")]
    client = openai.AsyncOpenAI(
        base_url=url,
        api_key="none-needed",
        http_client=openai.DefaultAsyncHttpxClient(limits=openai.DEFAULT_CONNECTION_LIMITS),
    )

    async def read() -> int:
        chunks = 0
        stream = await client.chat.completions.create(model=model, messages=prompt, stream=True)
        async for event in stream:
            if event.choices and event.choices[0].delta.content:
                chunks += 1
        return chunks

    return read, client.close


async def roundtable(url: str, model: str) -> tuple[Reader, Close]:
    from core import ChatRequest, Delta, Message, build

    os.environ.update(OPENAI_BASE_URL=url, OPENAI_API_KEY="none-needed-at-all")
    engine = build()
    request = ChatRequest([Message("user", "Hello")], model_id=f"openai/{model}")

    async def read() -> int:
        chunks = 0
        async for event in engine.stream(request):
            if event.__class__ is Delta:
                chunks += 1
        return chunks

    return read, nothing


async def compared(url: str, model: str) -> tuple[Reader, Close]:
    from core import ChatRequest, Delta, Message, build

    os.environ.update(OPENAI_BASE_URL=url, OPENAI_API_KEY="none-needed-at-all")
    engine = build()
    requests = [ChatRequest([Message("user", "Hello")], model_id=f"openai/{name}") for name in model.split("+")]

    async def read() -> int:
        return sum([1 async for _, event in engine.compare(requests) if event.__class__ is Delta])

    return read, nothing


async def main(client_name: str, port: str, streams: str, model: str) -> None:
    make = {"bare": bare, "sdk": sdk, "roundtable": roundtable, "compared": compared}[client_name]
    url = f"http://127.0.0.1:{port}/v1"
    read, close = await make(url, "c5-r0")
    await read()  # imports and caches are not what is measured
    await close()
    read, close = await make(url, model)
    cpu, wall = time.process_time(), time.perf_counter()
    chunks = sum(await asyncio.gather(*(read() for _ in range(int(streams)))))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    await close()
    print(json.dumps({"cpu_s": cpu, "wall_s": wall, "chunks": chunks}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
