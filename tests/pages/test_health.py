"""What a load balancer is told when it asks often."""

from __future__ import annotations

import asyncio

import pytest

from core.ui import health


def test_a_look_that_begins_before_its_predecessor_is_read_disturbs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "FRESH_S", -1.0)
    monkeypatch.setattr(health, "_look", lambda: {"ready": True, "state": "running"})

    async def twice() -> list[dict[str, object]]:
        check = health.ReadinessCheck()
        first = asyncio.create_task(check.parts())
        while check._task is None or not check._task.done():
            await asyncio.sleep(0)
        return [await check.parts(), await first]

    assert [parts["ready"] for parts in asyncio.run(twice())] == [True, True]
