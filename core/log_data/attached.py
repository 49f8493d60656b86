"""The frames as views in DuckDB's SQL over an attached database, which stores instants and money as whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from .columns import DUCKDB_TYPES, FRAMES, Frame, LogColumn

CALLS = {
    "started_at": '"at"',
    "total_ms": "ms",
    "cost_usd": "cost_usd / 1e12",
    "temperature": "settings ->> '$.temperature'",
    "top_p": "settings ->> '$.top_p'",
    "seed": "settings ->> '$.seed'",
    "max_output_tokens": "settings ->> '$.max_output_tokens'",
    **{name: f"settings ->> '$.{name}'" for name in ("effort", "response_format", "tools")},
    "prompt_sha256": "prompt_hash",
    "error_id": "event_id",
}
MESSAGES = {
    "conversation_kind": "kind",
    "finish": "completion ->> '$.finish.reason'",
    "error": "completion ->> '$.error.kind'",
    "reasoning": "nullif(completion ->> '$.reasoning', '')",
    "input_tokens": "completion ->> '$.usage.input_tokens'",
    "output_tokens": "completion ->> '$.usage.output_tokens'",
    "ttft_ms": "completion ->> '$.timing.ttft_ms'",
    "total_ms": "completion ->> '$.timing.total_ms'",
    "cost_usd": "completion ->> '$.cost_usd'",
    "cached": "completion ->> '$.cached'",
}
VOTES = {
    "voted_at": '"at"',
    "winner_model_id": "CASE WHEN outcome = 'winner' THEN lanes ->> ('$[' || place || '][1]') END",
    "models": "json_extract_string(lanes, '$[*][1]')",
}
QUOTA = {
    "key_id": "nullif(substr(key_hash, 1, 8), '')",
    "size": "amount / grain",
    "used": "used / grain",
    "reserved": "reserved / grain",
    "remaining": "CASE WHEN ceiling IS NOT NULL OR (blind = 0 AND amount IS NOT NULL) "
    "THEN greatest(least(amount, ceiling) - used - reserved, 0) / grain END",
    "window_starts_at": "CASE WHEN ends_us < 4611686018427387904 THEN starts_us END",
    "window_ends_at": "CASE WHEN ends_us < 4611686018427387904 THEN ends_us END",
    "seen_at": "seen_us",
}
EXPRESSIONS: Mapping[Frame, Mapping[str, str]] = {
    "calls": CALLS, "messages": MESSAGES, "votes": VOTES, "quota": QUOTA,
}  # fmt: skip
GRAIN = "CASE unit WHEN 'usd' THEN 1e12 ELSE 1.0 END AS grain"
ROWS: Mapping[Frame, str] = {
    "calls": "{source}.calls",
    "messages": "(SELECT message.*, conversation.owner_id, conversation.kind FROM {source}.messages AS message "
    "JOIN {source}.conversations AS conversation ON conversation.id = message.conversation_id "
    "WHERE conversation.deleted_at IS NULL)",
    "votes": "(SELECT vote.* FROM {source}.votes AS vote JOIN {source}.conversations AS conversation "
    "ON conversation.id = vote.run_id WHERE conversation.deleted_at IS NULL)",
    "quota": "(SELECT *, NULL AS owner_id, GRAIN FROM {source}.quota_meters UNION ALL BY NAME "
    "SELECT meter.* EXCLUDE (used, reserved, ceiling, blind), 1 AS blind, share.taken AS used, share.owner_id, GRAIN "
    "FROM {source}.quota_meters AS meter JOIN {source}.quota_shares AS share "
    "ON share.meter_id = meter.id AND share.turn = meter.turn)".replace("GRAIN", GRAIN),
}


ORDER: Mapping[Frame, str] = {
    "calls": "started_at, id", "messages": "created_at, depth, id", "votes": "voted_at, run_id, turn",
    "quota": "provider_id, pool, scope, unit, per, owner_id NULLS FIRST",
}  # fmt: skip


def views(kind: Literal["sqlite", "postgres"]) -> dict[Frame, str]:
    """By frame, the SELECT of its view over the database that is attached as `source`."""
    source = "source.main" if kind == "sqlite" else "source.public"
    return {frame: _view(frame, source) for frame in FRAMES}


def _view(frame: Frame, source: str) -> str:
    columns = ", ".join(f'{_read(column, EXPRESSIONS[frame])} AS "{column.name}"' for column in FRAMES[frame])
    return f"SELECT {columns} FROM {ROWS[frame].format(source=source)}"  # noqa: S608 - names of ours


def _read(column: LogColumn, expressions: Mapping[str, str]) -> str:
    stored = expressions.get(column.name, f'"{column.name}"')
    if column.kind == "time":
        return f"make_timestamptz({stored})"
    return f"({stored})::{DUCKDB_TYPES[column.kind]}"
