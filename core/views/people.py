"""People as an administrator sees them: who they are and how much they use, never what they write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["", "admin", "blocked"]


@dataclass(frozen=True, slots=True)
class Account:
    """What an OpenID provider says of a person. `email` is "" unless it says that it verified the address."""

    issuer: str
    subject: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class PersonUsage:
    """`account` None: a visitor without an account. The numbers are sums of calls over the time asked for."""

    id: str
    account: Account | None
    role: Role
    last_at: datetime | None
    requests: int
    tokens: int
    failures: int
