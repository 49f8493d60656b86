"""People as an administrator sees them: who they are and how much they use, never what they write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
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
class KeyRule:
    """What the server's keys may be used for. A field that is None is decided by the next wider rule: the person's,
    then their group's, then the options'.

    `models` are patterns such as "groq/*"; `requests`, `tokens` and `usd` are the most of a day.
    """

    models: tuple[str, ...] | None = None
    requests: int | None = None
    tokens: int | None = None
    usd: Decimal | None = None

    def before(self, wider: KeyRule) -> KeyRule:
        """This rule, and where it says nothing the wider one."""
        return KeyRule(
            wider.models if self.models is None else self.models,
            wider.requests if self.requests is None else self.requests,
            wider.tokens if self.tokens is None else self.tokens,
            wider.usd if self.usd is None else self.usd,
        )


@dataclass(frozen=True, slots=True)
class PersonRule:
    """What an administrator decided for a person. `group` "": they are in none."""

    group: str = ""
    own: KeyRule = KeyRule()


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
