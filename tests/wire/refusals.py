"""Failures as servers write them, read at a fixed time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from core.errors import LLMError
from core.wire import failure

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "48s"}


def read(status: int, body: Any = "", **headers: str) -> LLMError:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return failure.read(status, {name.replace("_", "-"): value for name, value in headers.items()}, text.encode(), NOW)


def error(message: str = "no", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}
