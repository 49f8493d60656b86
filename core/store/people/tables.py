"""The tables of people: sign-ins, and what they may use of the server's keys.

people              one row a person with an account elsewhere (OIDC), from their first visit on
sign_outs           sign-ins that were ended, so that no other tab or replica accepts them
sign_in_failures    wrong passwords by address, whose name is a keyed hash
key_groups          what the people of a group may use of the server's keys
key_rules           one row a person for whom an administrator decided that, with their group
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from ..columns import NAME, Instant, Json, Usd, metadata

HASH = String(64)

people = Table(
    "people",
    metadata,
    Column("owner_id", NAME, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),  # "" unless the issuer verified it
    Column("role", String(12), nullable=False),  # "", admin, blocked
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)

sign_outs = Table(
    "sign_outs",
    metadata,
    Column("sign_in_id", HASH, primary_key=True),
    Column("at", Instant, nullable=False),
)

failures = Table(
    "sign_in_failures",
    metadata,
    Column("address", HASH, primary_key=True),
    Column("number", Integer, nullable=False),  # in a row
    Column("last_us", BigInteger, nullable=False),
)


def _rule() -> list[Column[Any]]:
    """Columns of a `KeyRule`; NULL: the next wider rule decides."""
    return [
        Column("models", Json),
        Column("requests", BigInteger),
        Column("tokens", BigInteger),
        Column("usd", Usd),
    ]


key_groups = Table("key_groups", metadata, Column("name", NAME, primary_key=True), *_rule())

key_rules = Table(
    "key_rules",
    metadata,
    Column("owner_id", NAME, primary_key=True),
    Column("group_name", NAME, nullable=False),  # "": in none
    *_rule(),
)
