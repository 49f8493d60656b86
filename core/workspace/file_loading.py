"""The files of a question, read when it is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..errors import BadRequest
from ..store import StoreError, blobs
from ..store.database import Database


def load_for_sending(database: Database, owner_id: str, names: Collection[str]) -> Mapping[str, bytes]:
    """The bytes by hash. Raises BadRequest, with the reason, where they cannot be read."""
    try:
        return blobs.load(database, owner_id, names)
    except StoreError as error:
        raise BadRequest(f"A file of the question cannot be read, so it was not sent. {error}") from error
