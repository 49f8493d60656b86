"""Indexes messages from before the current full-text index, portion by portion in the background, newest first.

while portion(database): ...      one short transaction each; processes that share a database take turns
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from sqlalchemy import case, delete, select, update

from . import StoreError
from .database import Database
from .search import title_words
from .search_tables import search_backlog
from .tables import conversations, messages

PORTION = 100
REST_S = 0.05  # so that others can write
AWAY_S = 10.0


def portion(database: Database, size: int = PORTION) -> bool:
    """Index the next messages; False when none is left."""
    with database.write(durable=False) as connection:
        below = connection.execute(select(search_backlog.c.below).with_for_update()).scalar()
        if below is None:
            return False
        title = case((messages.c.parent_id.is_(None), conversations.c.title), else_="")
        query = (
            select(messages.c.seq, messages.c.text, messages.c.words, title.label("title"))
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .where(messages.c.seq < below, messages.c.text != "")
            .order_by(messages.c.seq.desc())
            .limit(size)
        )
        rows = connection.execute(query).all()
        for row in rows:
            if not row.words and any(map(str.isalnum, row.text)):
                continue  # a copy, which is not searched; signs alone had no words in the index of before
            words = title_words(row.title, row.text)
            connection.execute(update(messages).where(messages.c.seq == row.seq).values(words=words))
        if len(rows) < size:
            connection.execute(delete(search_backlog))
            return False
        connection.execute(update(search_backlog).values(below=rows[-1].seq))
        return True


def share_left(database: Database) -> float | None:
    """The share of older messages that is not indexed yet, from 0 to 1; None when all are."""
    with database.read() as connection:
        row = connection.execute(select(search_backlog.c.below, search_backlog.c.began)).first()
    return None if row is None else row.below / max(row.began, 1)


def begin(database: Database) -> Callable[[], None]:
    """Continue in the background where anything is left; returns the function that stops it."""
    stopped = Event()
    try:
        if share_left(database) is None:
            return stopped.set
    except StoreError:
        pass  # database unavailable; the thread waits for it
    thread = Thread(target=_work, args=(database, stopped), name="reindex", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join()

    return stop


def _work(database: Database, stopped: Event) -> None:
    rest_s = 0.0
    while not stopped.wait(rest_s):
        try:
            if not portion(database):
                return
            rest_s = REST_S
        except StoreError:
            rest_s = AWAY_S
