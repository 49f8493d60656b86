"""Roundtable in FastAPI: server-sent events, and several models at once.

pip install fastapi uvicorn
python docs/examples/fastapi_app.py 8000
curl -N "http://127.0.0.1:8000/ask?q=Why+is+the+sky+blue"
curl "http://127.0.0.1:8000/compare?q=Why+is+the+sky+blue&model=sim/quick&model=sim/steady"
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Query, Request
from fastapi.responses import StreamingResponse

from roundtable import ChatRequest, Completion, Delta, Engine, Message, build


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with build() as engine:
        app.state.engine = engine
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/ask")
async def ask(request: Request, q: str, model: str = "sim/quick") -> StreamingResponse:
    question = ChatRequest([Message("user", q)], model_id=model)
    return StreamingResponse(server_sent(request.app.state.engine, question), media_type="text/event-stream")


async def server_sent(engine: Engine, question: ChatRequest) -> AsyncIterator[str]:
    """Cancelled when the client has gone away, and with it the request to the provider."""
    async with aclosing(engine.stream(question)) as events:
        async for event in events:
            if isinstance(event, Delta):
                yield f"data: {json.dumps(event.text)}\n\n"
            elif isinstance(event, Completion):
                ending = event.error.message if event.error else event.finish and event.finish.reason
                yield f"event: {'error' if event.error else 'end'}\ndata: {json.dumps(ending)}\n\n"


@app.get("/compare")
async def compare(request: Request, q: str, model: Annotated[list[str], Query()]) -> dict[str, str]:
    engine: Engine = request.app.state.engine
    questions = [ChatRequest([Message("user", q)], model_id=name) for name in model]
    answers = await asyncio.gather(*map(engine.answer, questions))
    return {
        name: answer.error.message if answer.error else answer.text for name, answer in zip(model, answers, strict=True)
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 8000, log_level="warning")
