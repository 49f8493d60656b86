"""People who sign in, for all replicas: who they are and may do, ended sign-ins, tries of passwords.

Callers of `everybody` and `set_role` must have checked that this is an administrator.
"""

from __future__ import annotations

from datetime import timedelta

from ..store.database import Database
from ..store.people import directory, sign_ins
from ..views.people import Account, PersonUsage, Role


class People:
    """Raises Unavailable while the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, owner_id: str, account: Account) -> None:
        directory.note(self._database, owner_id, account)

    def role(self, owner_id: str) -> Role:
        return directory.role(self._database, owner_id)

    def set_role(self, owner_id: str, role: Role) -> None:
        directory.set_role(self._database, owner_id, role)

    def everybody(self, within: timedelta) -> list[PersonUsage]:
        """All people, with their usage of the last time."""
        return directory.everybody(self._database, self._database.now() - within)

    def has_waiting(self, owner_id: str) -> bool:
        """Whether something of this person waits in this process for the database."""
        return self._database.has_waiting(owner_id)

    def sign_out(self, sign_in_id: str) -> None:
        sign_ins.sign_out(self._database, sign_in_id)

    def is_signed_out(self, sign_in_id: str) -> bool:
        return sign_ins.is_signed_out(self._database, sign_in_id)

    def wait_s(self, address: str) -> float:
        """For how many seconds this address (a keyed hash) has to wait before the next password."""
        return sign_ins.wait_s(self._database, address)

    def count_try(self, address: str) -> bool:
        """Count a try of a password before looking at it. False while the address has to wait."""
        return sign_ins.count(self._database, address)

    def succeed(self, address: str) -> None:
        sign_ins.succeed(self._database, address)
