"""The tables of the latency room.

    latency_series      one row an owner, model and set of flags (`marks`): what is never mixed in a histogram
    latency_counts      how many answers of a series fell in a bucket, by measure and slot of time
    latency_outcomes    how many attempts of a series ended how, by slot of time

All but the series' names are integers, so a row costs a dozen bytes.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from ..columns import NAME, Sequence, metadata

UNSENT = "not_sent"  # the outcome of an attempt that we refused ourselves

series = Table(
    "latency_series",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=True),
    Column("owner_id", NAME, nullable=False),
    Column("provider_id", NAME, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("marks", Integer, nullable=False),
    UniqueConstraint("owner_id", "provider_id", "model_id", "marks", name="latency_series_name"),
)

counts = Table(
    "latency_counts",
    metadata,
    Column("series_id", BigInteger, nullable=False),
    Column("metric", Integer, nullable=False),
    Column("span", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("bucket", Integer, nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("series_id", "metric", "span", "slot", "bucket"),
    sqlite_with_rowid=False,
)

outcomes = Table(
    "latency_outcomes",
    metadata,
    Column("series_id", BigInteger, nullable=False),
    Column("span", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("n", BigInteger, nullable=False),
    PrimaryKeyConstraint("series_id", "span", "slot", "outcome"),
    sqlite_with_rowid=False,
)
