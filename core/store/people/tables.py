"""The tables of sign-ins.

people              one row a person with an account elsewhere (OIDC), from their first visit on
sign_outs           sign-ins that were ended, so that no other tab or replica accepts them
sign_in_failures    wrong passwords by address, whose name is a keyed hash
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from ..tables import NAME, Instant, metadata

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
