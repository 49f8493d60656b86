"""/healthz and /readyz, for load balancers and orchestrators: no login, any host name, nothing secret.

/healthz   200 while the server answers: restart the process if it does not
/readyz    200 if a question can be taken; 503 while starting, while stopping, without database, spool or loop
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import app_state, graceful_stop

PATIENCE_S = 1.5
FRESH_S = 1.0  # however often it is asked, the database is asked once a second
NO_STORE = {"cache-control": "no-store"}


class ReadinessCheck:
    """The latest look at the parts; one at a time, and those who ask meanwhile wait for the same one."""

    def __init__(self) -> None:
        self._at = float("-inf")
        self._task: asyncio.Task[dict[str, object]] | None = None

    async def parts(self) -> dict[str, object]:
        """ "ready" and the state of each part. Call it on one event loop only."""
        if graceful_stop.is_stopping():
            return {"ready": False, "state": "stopping"}
        if self._task is None or (self._task.done() and time.monotonic() - self._at > FRESH_S):
            self._at = time.monotonic()
            self._task = asyncio.create_task(asyncio.to_thread(_look))
        task = self._task  # another call may begin the next look before this one goes on
        done, _ = await asyncio.wait([task], timeout=PATIENCE_S)
        if not done or task.exception():
            return {"ready": False, "state": "no answer"}
        return task.result()


def _look() -> dict[str, object]:
    state = app_state.current()
    if state is None or not state.is_open:
        return {"ready": False, "state": "starting"}
    readiness = state.readiness()
    return {"ready": readiness.ready, "state": "running", **asdict(readiness)}


def routes(check: ReadinessCheck) -> list[Route]:
    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n", headers=NO_STORE)

    async def ready(_: Request) -> Response:
        parts = await check.parts()
        return JSONResponse(parts, 200 if parts["ready"] else 503, NO_STORE)

    return [Route("/healthz", alive), Route("/readyz", ready)]
