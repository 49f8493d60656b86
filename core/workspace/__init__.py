"""What people do with conversations and comparisons. Every act is committed before anything is sent to a provider.

    Workspace(engine, database)      one for a process
    workspace.of(owner_id, keys)     a `Person`: chats, comparisons, batches, history, votes, settings, quota, files

Nobody but the owner finds anything through a person. No screen: pages and scripts call this room alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..batch.carrier import BatchCarrier
from ..engine import Engine
from ..records import NOTHING, Owner
from ..store import Health, Notice
from ..store.database import Database
from .person import Person
from .shared import Shared

__all__ = ["Person", "Workspace"]


class Workspace(Shared):
    """One for a process: whose acts it carries is bound by `of`."""

    def __init__(self, engine: Engine, database: Database) -> None:
        super().__init__(engine, database)
        self.batch_carrier = BatchCarrier(engine, database, self.process, self.jobs)

    def of(self, owner_id: str, keys: Mapping[str, str] = NOTHING) -> Person:
        """Everything of one owner, who pays with these pasted keys (by provider id) and with those of the server."""
        return Person(Owner(owner_id, keys), self, self.batch_carrier)

    def begin_work(self) -> None:
        super().begin_work()
        self.batch_carrier.begin_work()

    def health(self) -> Health:
        """What can be saved now."""
        return self.database.health()

    def notices(self) -> tuple[Notice, ...]:
        """What opening the database found."""
        return self.database.notices
