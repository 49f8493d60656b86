import asyncio

from roundtable import ChatRequest, Message, build


async def main() -> None:
    engine = build()
    requests = [ChatRequest([Message("user", f"What is {n} squared?")], model_id="sim/quick") for n in range(20)]
    for answer in await asyncio.gather(*map(engine.answer, requests)):
        print(answer.error.message if answer.error else answer.text)


asyncio.run(main())
