"""The actions of people on conversations and comparisons. Each is committed before anything is sent to a provider.

    Workspace(engine, database)      one per process
    workspace.of(owner_id, keys)     a `Person`: chats, comparisons, batches, history, votes, settings, quota, files

A person finds only their own data. This package has no user interface: pages and scripts call it alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property

from ..batch.approval import BatchApprovals
from ..batch.carrier import BatchCarrier
from ..engine import Engine
from ..records import NOTHING, Owner, PersonalKeys
from ..store import Health, Notice, Unavailable
from ..store.database import Database
from ..store.settings import key_choices
from . import readiness
from .audit import AuditLog
from .person import Person
from .readiness import Readiness
from .scheduled_carrier import KeysOf, ScheduledCarrier
from .shared import Shared
from .sharing import SharedLinks

__all__ = ["Person", "Readiness", "Workspace"]


class Workspace(Shared):
    """One per process; `of` binds it to a person. `keys_of` finds a person's pasted keys when nobody looks."""

    def __init__(self, engine: Engine, database: Database, keys_of: KeysOf = lambda owner_id: NOTHING) -> None:
        super().__init__(engine, database)
        self.batch_carrier = BatchCarrier(engine, database, self.process, self.jobs, pasted_of=keys_of)
        self._pasted_of = keys_of
        self.scheduled_carrier = ScheduledCarrier(self, self.keys_of)
        self.scheduled_changed = self.scheduled_carrier.nudge
        self.answer_store.end_answer = self.scheduled_carrier.end_answer
        self.admission_control.commit_sending = self.scheduled_carrier.commit_sending

    def of(self, owner_id: str, keys: Mapping[str, str] = NOTHING) -> Person:
        """The workspace of one owner, with these pasted keys (by provider id) besides those of the server."""
        return Person(Owner(owner_id, keys), self, self.batch_carrier)

    def keys_of(self, owner_id: str) -> PersonalKeys:
        """The keys of a person who is not there: pasted ones that this process has, and the stored choice among all.
        Raises `StoreError`."""
        keys = self._pasted_of(owner_id)
        pasted = keys.pasted if isinstance(keys, PersonalKeys) else keys
        return PersonalKeys(pasted, key_choices(self.database, owner_id))

    def begin_work(self) -> None:
        super().begin_work()
        self.batch_carrier.begin_work()
        self.scheduled_carrier.begin_work()

    def wind_up(self) -> None:
        super().wind_up()
        self.batch_carrier.wind_up()
        self.scheduled_carrier.wind_up()

    def is_settled(self) -> bool:
        return super().is_settled() and self.batch_carrier.is_idle()

    def close(self) -> None:
        self.jobs.interrupt()
        with suppress(Unavailable):
            self.batch_carrier.give_back()
        super().close()

    @cached_property
    def batch_approvals(self) -> BatchApprovals:
        """For administrators alone."""
        return BatchApprovals(self.batch_carrier)

    @cached_property
    def audit_log(self) -> AuditLog:
        """For the administrator alone."""
        return AuditLog(self)

    @cached_property
    def shared_links(self) -> SharedLinks:
        """For whoever has a link."""
        return SharedLinks(self, self._pasted_of)

    def readiness(self) -> Readiness:
        """Whether a question can be taken now. Asks the database; may wait for it."""
        return readiness.of(self.database, self.jobs)

    def health(self) -> Health:
        """Whether the database can save."""
        return self.database.health()

    def notices(self) -> tuple[Notice, ...]:
        """Notices from opening the database."""
        return self.database.notices
