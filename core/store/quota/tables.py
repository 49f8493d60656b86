"""The tables of the quota room.

    quota_meters    one row a counter: what is used and reserved in its current window, and what the provider said
    quota_holds     one row a call on its way; gone when it is settled or has expired
    quota_shares    one row a person and counter: what they took of its current window, and what is kept for them
    rests           one row a (provider, model, key): failures, the breaker, the cool-down
    standings       one row a (provider, key): how its last call ended
    model_states    one row a (provider, key, model): how it stands, and by what that is known
    feature_refusals    one row a feature that a provider refused for a model, with a key and at an address
    nights          one row a night of the nightly probe
    cached_answers, faqs, cache_hits    answers kept, questions that all may share, and what was spared each time
    cache_sizes, usage_hours, usage_days    sums over kept answers and over calls, so that nobody adds up years of them
    usage_offsets                           in which zones an owner reads days

Numbers of a meter are whole grains: a request, a token, a picodollar. `turn` grows with each new window, so that a call
that is settled late does not count in a window that it did not begin in. Keys appear only as hashes.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from ..columns import ID, NAME, Json, Usd, metadata

WORD = String(16)
HASH = String(64)
FOREVER = 2**62  # microseconds: the end of what has no end


def _counts(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _sums(*names: str) -> list[Column[int]]:
    """Of a later version than their table."""
    return [Column(name, BigInteger, nullable=False, server_default="0") for name in names]


meters = Table(
    "quota_meters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("provider_id", NAME, nullable=False),
    Column("pool", WORD, nullable=False),
    Column("scope", Text, nullable=False),
    Column("key_hash", HASH, nullable=False),
    Column("unit", WORD, nullable=False),
    Column("per", WORD, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("amount", BigInteger),  # the size that rules in this window
    Column("told", BigInteger),  # the limit that the provider last reported
    Column(
        "ceiling", BigInteger
    ),  # the most that `used + reserved` may reach, by the remaining amount that the provider reported
    *_counts("used", "reserved", "total"),  # total: used in all windows
    Column("blind", Integer, nullable=False),  # calls of this window whose usage is unknown
    *_counts("turn", "starts_us", "ends_us"),
    Column("source", WORD, nullable=False),
    Column("seen_us", BigInteger),
    CheckConstraint("used >= 0", name="quota_meters_used"),
    CheckConstraint("reserved >= 0", name="quota_meters_reserved"),
    Index("quota_meters_key", "provider_id", "key_hash"),
)

holds = Table(
    "quota_holds",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("provider_id", NAME, nullable=False),
    Column("model", Text, nullable=False),
    Column("key_hash", HASH, nullable=False),
    Column("parts", Json, nullable=False),
    Column("sent", Boolean, nullable=False),
    *_counts("expires_us"),
    Index("quota_holds_expiry", "expires_us"),
)

# Written only while the row of the counter is locked.
shares = Table(
    "quota_shares",
    metadata,
    Column("meter_id", Text, nullable=False),
    Column("owner_id", NAME, nullable=False),
    Column("weight", Integer, nullable=False),
    *_counts("turn", "taken", "kept"),  # in the window of that turn
    *_counts("wanted", "wanted_us"),  # refused and not granted since, in that turn
    *_counts("gone_us"),  # from then on they are not known in any window
    PrimaryKeyConstraint("meter_id", "owner_id"),
    Index("quota_shares_gone", "gone_us"),
    Index("quota_shares_owner", "owner_id"),
    sqlite_with_rowid=False,
)

rests = Table(
    "rests",
    metadata,
    Column("provider_id", NAME, nullable=False),
    Column("model", NAME, nullable=False),  # "*": all of the provider's
    Column("key_hash", HASH, nullable=False),
    *_counts("fail_1_us", "fail_2_us", "fail_3_us", "fail_4_us"),  # the newest failures, the newest first
    Column("opens", Integer, nullable=False),  # how often in a row the breaker opened; 0: closed
    *_counts("open_until_us"),
    Column("probe_by", NAME, nullable=False),
    *_counts("probe_until_us", "cool_until_us"),
    Column("why", String(40), nullable=False),
    PrimaryKeyConstraint("provider_id", "model", "key_hash"),
)

standings = Table(
    "standings",
    metadata,
    Column("provider_id", NAME, nullable=False),
    Column("key_hash", HASH, nullable=False),
    Column("why", String(40), nullable=False),  # the kind of the last failure, "" for an answer
    *_counts("at_us"),
    Column("good", Boolean, nullable=False),  # it worked once
    PrimaryKeyConstraint("provider_id", "key_hash"),
)

model_states = Table(
    "model_states",
    metadata,
    Column("provider_id", NAME, nullable=False),
    Column("key_hash", HASH, nullable=False),
    Column("model", NAME, nullable=False),
    Column("state", String(20), nullable=False),
    Column("evidence", String(20), nullable=False),
    Column("why", String(40), nullable=False),
    *_counts("at_us"),
    Column("end_notice", Json),  # what headers told of its end
    PrimaryKeyConstraint("provider_id", "key_hash", "model"),
)

feature_refusals = Table(
    "feature_refusals",
    metadata,
    Column("provider_id", NAME, nullable=False),
    Column("place", HASH, nullable=False),  # of the key, and of the address of a server of one's own
    Column("model", NAME, nullable=False),
    Column("feature", String(20), nullable=False),
    *_counts("at_us"),
    PrimaryKeyConstraint("provider_id", "place", "model", "feature"),
)

nights = Table(
    "nights",
    metadata,
    Column("night", String(10), primary_key=True),  # the day of its morning, in the operator's zone
    Column("process", NAME, nullable=False),  # which of the replicas asks; "": none yet
    *_counts("starts_us", "lease_until"),
    Column("ended_us", BigInteger),
    Column("answered", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
)

cached_answers = Table(
    "cached_answers",
    metadata,
    Column("key", HASH, primary_key=True),
    Column("owner_id", NAME, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("value", Json, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("hits", Integer, nullable=False),
    *_counts("tokens", "pico_usd", "made_us", "used_us"),
    Index("cached_answers_owner", "owner_id", "used_us"),
)

# How much of `cached_answers` is whose; triggers keep it.
cache_sizes = Table(
    "cache_sizes", metadata, Column("owner_id", NAME, primary_key=True), *_counts("answers", "size_bytes")
)

# Calls by hours that begin `phase` quarters before a full hour of UTC: the days of any zone are made of whole ones.
usage_hours = Table(
    "usage_hours",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("phase", Integer, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("provider_id", NAME, nullable=False),
    *_counts("requests", "failures", "counted", "tokens", "estimated", "unsent"),
    *_sums("pico_usd", "unpriced"),
    PrimaryKeyConstraint("owner_id", "phase", "hour", "provider_id"),
    sqlite_with_rowid=False,
)

# Calls by days that begin `ahead` quarters of an hour before UTC's, for each `ahead` that the owner has.
usage_offsets = Table(
    "usage_offsets",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("ahead", Integer, nullable=False),
    PrimaryKeyConstraint("owner_id", "ahead"),
)

usage_days = Table(
    "usage_days",
    metadata,
    Column("owner_id", NAME, nullable=False),
    Column("ahead", Integer, nullable=False),
    Column("day", Integer, nullable=False),  # since 1970
    Column("provider_id", NAME, nullable=False),
    *_counts("requests", "failures", "counted", "tokens", "estimated", "unsent"),
    *_sums("pico_usd", "unpriced"),
    PrimaryKeyConstraint("owner_id", "ahead", "day", "provider_id"),
    sqlite_with_rowid=False,
)

faqs = Table(
    "faqs",
    metadata,
    Column("key", HASH, primary_key=True),
    Column("question", Text, nullable=False),
    Column("marked_by", NAME, nullable=False),
    *_counts("marked_us"),
)

cache_hits = Table(
    "cache_hits",
    metadata,
    Column("id", ID, primary_key=True),
    *_counts("at_us"),
    Column("owner_id", NAME, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("tokens", BigInteger),  # of the answer when it was made; NULL: not known
    Column("cost_usd", Usd),
    Column("ms", Float),
    Column("faq_key", HASH),  # the question of the list that was answered
    Index("cache_hits_owner", "owner_id", "at_us"),
    Index("cache_hits_faq", "faq_key"),
)
