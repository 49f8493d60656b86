"""What the palette asks over HTTP, so that no page runs again for it: the models of the picker, and chats by words.

    GET palette/models
    GET palette/chats?words=...

The cookie alone identifies the visitor. Without one that may act the answer is 404.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...errors import LLMError
from ...store import StoreError
from ...views.history import SearchHit
from .. import session, text, transfers
from ..text import t

PATH = "/palette"
MOST_MODELS = 400
HITS = 12
MOST_CHARS = 200


def routes() -> list[Route]:
    """The routes, below the server's base path."""
    return [
        Route(f"{transfers.base()}{PATH}/models", _answering(_models)),
        Route(f"{transfers.base()}{PATH}/chats", _answering(_chats)),
    ]


def _answering(look_up: Callable[[Request, str], dict[str, Any] | None]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        if transfers.REQUIRED_HEADER not in request.headers:
            return Response(status_code=404)
        return await asyncio.to_thread(_reply, look_up, request)

    return answer


def _reply(look_up: Callable[[Request, str], dict[str, Any] | None], request: Request) -> Response:
    text.speak(request.query_params.get("lang") or text.choose(request.headers.get("accept-language")))
    headers = {"cache-control": "no-store"}
    try:
        content = look_up(request, "; ".join(request.headers.getlist("cookie")))
    except (StoreError, LLMError):
        return Response(status_code=503, headers=headers)
    return Response(status_code=404, headers=headers) if content is None else JSONResponse(content, headers=headers)


def _models(_: Request, cookies: str) -> dict[str, Any] | None:
    from ..models.choices import all_options  # the server is up before the engine is imported
    from ..models.names import label
    from ..routing.words import offers

    keys = session.keys_of(cookies)
    if keys is None:
        return None
    engine = session.engine()
    auto = [
        {"id": model_id, "name": name, "provider": description, "note": ""}
        for model_id, (name, description) in offers().items()
    ]
    options = all_options(engine, keys, session.models_listed_with(keys), session.running_servers())
    models = [
        {
            "id": option.model.id,
            "name": option.model.name,
            "provider": label(option.provider),
            "note": "" if option.ready else t("key rejected") if option.refused else t("no key"),
        }
        for option in options[:MOST_MODELS]
    ]
    return {"models": auto + models}


def _chats(request: Request, cookies: str) -> dict[str, Any] | None:
    person = session.person_of(cookies)
    if person is None:
        return None
    language = request.query_params.get("lang", "")
    hits = person.history.find(request.query_params.get("words", "")[:MOST_CHARS], limit=HITS)
    return {"hits": [_hit(hit, language) for hit in hits]}


def _hit(hit: SearchHit, language: str) -> dict[str, Any]:
    query = {"run": hit.run_id} if hit.run_id else {"c": hit.conversation_id, "at": hit.message_id}
    return {
        "title": " ".join(hit.title.split()) or t("Untitled"),
        "icon": "view_column" if hit.run_id else "chat_bubble",
        "path": f"{transfers.base()}/compare" if hit.run_id else f"{transfers.base()}/",
        "query": {**query, "lang": language} if language else query,
        "found": list(hit.snippet),
    }
