"""Questions that are answered from the cache for everybody, as an administrator marks them.

    mark(database, admin, question)     from now on whoever asks nearly this gets the approved answer (`shared`)
    marked(database)                    the list, with each question's hits and number of answers
    any_marked(database)                whether there is a list at all

Asked alone, in nearly the same words: case, spaces, width of letters and the last punctuation do not matter.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, func, select

from ...views.faq import FaqQuestion
from ..columns import from_us
from ..database import Database
from ..rows import clean, insert_new
from .ledger import Now
from .meters import now_us
from .tables import cache_hits, cached_answers, faqs

PROPOSED = "*"  # the owner of answers that wait for the administrator: also of all from before they had to
APPROVED = "*approved"
FINAL = " \t\n.!?。！？．…;；,，"


def near(text: str) -> str:
    """A question without case, extra spaces, width of its letters and final punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).rstrip(FINAL).strip()


def key_of(question: str) -> str:
    """The key of all questions that are nearly this one."""
    return digest(near(question))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def mark(database: Database, admin_id: str, questions: Sequence[str], *, now: Now = now_us) -> int:
    """Share the answers to these questions; returns how many were new. Empty ones are ignored.


    The caller has made sure that `admin_id` is an administrator.
    """
    with database.write() as connection:
        fresh = {key_of(text): text for text in reversed(questions) if near(text)}
        common = {"marked_by": admin_id, "marked_us": now(connection)}
        rows = [{"key": key, "question": clean(text.strip()), **common} for key, text in sorted(fresh.items())]
        return sum(insert_new(connection, faqs, [row]) for row in rows)


def unmark(database: Database, question: str) -> int:
    """Take a question off the list, with its answers for everybody; returns how many were marked."""
    with database.write() as connection:
        shared_owners = cached_answers.c.owner_id.in_([PROPOSED, APPROVED])
        shared = and_(shared_owners, cached_answers.c.question == near(question))
        connection.execute(delete(cached_answers).where(shared))
        return connection.execute(delete(faqs).where(faqs.c.key == key_of(question))).rowcount


def marked(database: Database) -> list[FaqQuestion]:
    """The list, the newest first."""
    used = and_(cache_hits.c.faq_key == faqs.c.key, cache_hits.c.at_us >= faqs.c.marked_us)
    hits = select(func.count()).where(used).scalar_subquery()
    query = select(faqs, hits.label("hits")).order_by(faqs.c.marked_us.desc(), faqs.c.question)
    approved_counts = select(cached_answers.c.question, func.count()).where(cached_answers.c.owner_id == APPROVED)
    with database.read() as connection:
        rows = connection.execute(query).all()
        answers = {row[0]: row[1] for row in connection.execute(approved_counts.group_by(cached_answers.c.question))}
    return [
        FaqQuestion(row.question, row.marked_by, from_us(row.marked_us), row.hits, answers.get(near(row.question), 0))
        for row in rows
    ]


def any_marked(database: Database) -> bool:
    with database.read() as connection:
        return connection.execute(select(faqs.c.key).limit(1)).first() is not None


def is_marked(connection: Connection, question: str) -> bool:
    return connection.execute(select(faqs.c.key).where(faqs.c.key == key_of(question))).first() is not None
