"""Our own JSON, version 1: everything a conversation holds, branches, files and numbers included.

{"format": "roundtable", "version": 1, "conversations": [{..., "messages": [{..., "files": [...]}]}]}
"""

from __future__ import annotations

from typing import Any

from core.store.portable import completion as codec
from core.store.portable import rounds
from core.store.portable.checks import At, Said, Talk, in_order
from core.store.votes import portable as votes

FORMAT, VERSION = "roundtable", 1
KINDS = ("chat", "comparison", "lane")
STATES = ("done", "stopped", "failed", "interrupted")


def read(data: Any) -> list[Talk]:
    """The conversations of a file; BadImport at the first fault."""
    top = At.of(data, "The file")
    version = top.value.get("version")
    if not isinstance(version, int) or version < 1:
        raise top.wrong("“version” is not a number")
    if version > VERSION:
        raise top.wrong(f"it is of version {version}, this Roundtable reads up to {VERSION}")
    return [_talk(at) for at in top.each("conversations", "conversation")]


def _talk(at: At) -> Talk:
    kind = at.text("kind", default="chat")
    if kind not in KINDS:
        raise at.wrong("“kind” is not one of " + ", ".join(KINDS))
    messages = in_order([_said(message) for message in at.each("messages", "message")], at.place)
    leaf_id = at.maybe("leaf_id")
    if leaf_id and leaf_id not in {message.id for message in messages}:
        raise at.wrong("“leaf_id” names no message of it")
    columns = list(at.each("lanes", "lane"))
    return Talk(
        id=at.text("id"),
        title=at.text("title", default=""),
        created_at=at.instant("created_at"),
        updated_at=at.instant("updated_at"),
        messages=messages,
        leaf_id=leaf_id,
        kind=kind,
        pinned=at.flag("pinned"),
        title_by_person=at.flag("title_by_person"),
        system=at.maybe("system"),
        settings=at.mapping("settings"),
        model_id=at.maybe("model_id"),
        options=at.mapping("options"),
        lanes=tuple((lane.text("conversation_id"), lane.text("model_id")) for lane in columns),
        rounds=tuple(rounds.read(at)),
        apart={lane.text("conversation_id"): wishes for lane in columns if (wishes := lane.mapping("wishes"))},
        removed={
            lane.text("conversation_id"): lane.instant("removed_at") for lane in columns if lane.maybe("removed_at")
        },
        votes=tuple(votes.read(vote) for vote in at.each("votes", "vote")),
    )


def _said(at: At) -> Said:
    role, state = at.text("role"), at.text("state", default="done")
    if role not in ("user", "assistant", "system"):
        raise at.wrong("“role” is not user, assistant or system")
    if state not in STATES:
        raise at.wrong("“state” is not one of " + ", ".join(STATES))
    text, completion = at.text("text"), at.mapping("completion") or None
    if completion:
        try:
            codec.decode(dict(completion), text)
        except (KeyError, TypeError, ValueError, ArithmeticError):
            raise at.wrong("“completion” cannot be read") from None
    return Said(
        id=at.text("id"),
        parent_id=at.maybe("parent_id"),
        role=role,
        text=text,
        created_at=at.instant("created_at"),
        model_id=at.maybe("model_id"),
        state=state,
        completion=completion,
        files=tuple(
            (file.text("name"), file.text("media_type", default="text/plain"), file.text("text"))
            for file in at.each("files", "file")
        ),
    )
