"""What a person allowed for a provider, until it is taken back: small lists of provider ids in the person's settings.

may_leave      its questions may be answered by a provider with weaker privacy when it cannot answer
without_key    its questions are answered by another provider while there is no key for it
"""

from __future__ import annotations

from typing import Literal

from core.store import Unavailable, settings
from core.store.database import Database

Consent = Literal["may_leave", "without_key"]


def given(database: Database, owner_id: str, consent: Consent) -> tuple[str, ...]:
    """Ids of the providers it was given for; none while the database is away."""
    try:
        kept = settings.get(database, owner_id, consent, [])
    except Unavailable:
        return ()
    return tuple(map(str, kept)) if isinstance(kept, list) else ()


def give(database: Database, owner_id: str, consent: Consent, provider_id: str, allowed: bool) -> None:
    """Give it for a provider, or take it back. Unavailable while nothing can be kept."""
    kept = settings.get(database, owner_id, consent, [])
    others = [name for name in kept if name != provider_id] if isinstance(kept, list) else []
    settings.put(database, owner_id, consent, [*others, *([provider_id] if allowed else [])] or None)
