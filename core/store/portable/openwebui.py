"""Open WebUI's export of chats: a list; each chat holds its messages in `chat.history`, a tree by `parentId`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from core.store.portable.checks import At, Said, Talk, in_order

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(data: list[Any]) -> list[Talk]:
    """The conversations of a file; BadImport at the first fault."""
    return [_talk(At.of(item, f"Chat {number}"), number) for number, item in enumerate(data, 1)]


def _talk(outer: At, number: int) -> Talk:
    chat = At.of(outer.value.get("chat", outer.value), outer.place)
    title = outer.maybe("title") or chat.text("title", default="")
    place = f"{outer.place} (“{title[:40]}”)" if title else outer.place
    chat = At(chat.value, place)
    created = outer.seconds("created_at", chat.seconds("timestamp", EPOCH))
    history = At(chat.mapping("history"), place)
    said = list(_messages(history, created)) if history.value else list(_flat(chat, created))
    current, ids = history.maybe("currentId"), {message.id for message in said}
    models = chat.value.get("models")
    first = models[0] if isinstance(models, list) and models and isinstance(models[0], str) else None
    return Talk(
        id=outer.maybe("id") or chat.maybe("id") or f"{number} {title} {created.isoformat()}",
        title=title,
        created_at=created,
        updated_at=outer.seconds("updated_at", created),
        messages=in_order(said, place),
        leaf_id=current if current in ids else None,
        pinned=outer.value.get("pinned") is True,
        system=chat.maybe("system"),
        model_id=f"openwebui/{first}" if first else None,
    )


def _messages(history: At, default: datetime) -> Iterator[Said]:
    for name, value in history.mapping("messages").items():
        at = At.of(value, f"{history.place}, message {name[:40]}")
        yield _said(name, at.maybe("parentId"), at, default)


def _flat(chat: At, default: datetime) -> Iterator[Said]:
    """Old exports have a plain list instead of the tree."""
    parent = None
    for number, at in enumerate(chat.each("messages", "message"), 1):
        name = at.text("id", default=str(number))
        yield _said(name, parent, at, default)
        parent = name


def _said(name: str, parent_id: str | None, at: At, default: datetime) -> Said:
    role = at.text("role")
    if role not in ("user", "assistant", "system"):
        raise at.wrong("“role” is not user, assistant or system")
    content = at.value.get("content", "")
    if isinstance(content, list):
        content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if not isinstance(content, str):
        raise at.wrong("“content” is not text")
    model = at.maybe("model")
    model_id = f"openwebui/{model}" if model and role == "assistant" else None
    return Said(name, parent_id, role, content, at.seconds("timestamp", default), model_id)
