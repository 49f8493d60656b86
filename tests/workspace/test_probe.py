"""The probe asks each model as often as it was told, keeps to the limits, can be stopped, and is marked in the log."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.providers.limits import PlannedCall
from core.providers.pace import POLITE_S, free_at, gap_s, spaced
from core.records import Limit, Model, Provider
from core.store import calls
from core.store.latency.buckets import AnswerFlag
from core.store.latency.read import Measurements
from core.workspace import Workspace
from core.workspace.probe import Probe
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, per, table, until, workspace_of

PROMPT = "Why is the sky blue?"


def probing(folder: Path, *tables: str, pauses: list[float]) -> Workspace:
    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    workspace = workspace_of(folder, *tables, ROUNDTABLE_SIMULATOR_SPEED="1000")
    workspace.paced_calls.sleep = note
    return workspace


def ended(probe: Probe) -> Probe:
    until(lambda: probe.ended)
    return probe


def test_every_model_is_asked_n_times_and_marked(tmp_path: Path) -> None:
    workspace = probing(tmp_path, pauses=[])
    probe = ended(workspace.of(ME).probes.start(["sim/quick", "sim/steady"], 3, PROMPT))
    assert [(lane.answered, lane.failed, lane.state) for lane in probe.lanes] == [(3, 0, "done")] * 2
    assert (probe.made, probe.total) == (6, 6)
    database = workspace.database
    rows = calls.recent(database, ME)
    assert sorted(row.model_id for row in rows) == ["sim/quick"] * 3 + ["sim/steady"] * 3
    assert {series.flags & AnswerFlag.PROBE for series in Measurements(database, ME).series_of()} == {AnswerFlag.PROBE}
    assert calls.recent(database, "another") == []


def test_calls_to_one_provider_are_spaced_by_its_limits(tmp_path: Path, server: FaultyServer) -> None:
    pauses: list[float] = []
    limits = (per("requests", "minute", 10), per("requests", "day", 1000))
    workspace = probing(tmp_path, table("acme", server.url("good"), *limits), pauses=pauses)
    probe = ended(workspace.of(ME, KEYS).probes.start(["acme/small"], 4, PROMPT))
    assert probe.lanes[0].answered == 4
    assert len(pauses) == 3
    assert all(4 < pause <= 6 for pause in pauses)
    assert workspace.of(ME, KEYS).probes.lasts_s(["acme/small"], 4, PROMPT) == 18


def test_a_limit_that_is_spent_ends_the_lane_and_nothing_more_is_sent(tmp_path: Path, server: FaultyServer) -> None:
    workspace = probing(tmp_path, table("acme", server.url("good"), per("requests", "day", 2)), pauses=[])
    before = server.calls["good"]
    probe = ended(workspace.of(ME, KEYS).probes.start(["acme/small", "sim/quick"], 5, PROMPT))
    acme, sim = probe.lanes
    assert (acme.answered, acme.failed, acme.state, acme.why) == (2, 0, "ended", "quota_spent")
    assert (sim.answered, sim.state) == (5, "done")
    assert server.calls["good"] - before == 2
    assert (probe.made, probe.total) == (7, 7)


def test_a_refused_key_is_not_tried_again(tmp_path: Path, server: FaultyServer) -> None:
    workspace = probing(tmp_path, table("acme", server.url("auth")), pauses=[])
    (lane,) = ended(workspace.of(ME, KEYS).probes.start(["acme/small"], 5, PROMPT)).lanes
    assert (lane.answered, lane.failed, lane.state, lane.why) == (0, 1, "ended", "auth")


def test_a_probe_can_be_stopped_and_only_one_runs(tmp_path: Path, server: FaultyServer) -> None:
    workspace = probing(tmp_path, table("acme", server.url("hang")), pauses=[])
    probe = workspace.of(ME, KEYS).probes.start(["acme/small"], 5, PROMPT)
    assert workspace.of(ME).probes.start(["sim/quick"], 1, PROMPT) is probe
    assert workspace.of("another").probes.current() is None
    until(lambda: probe.lanes[0].state == "running")
    probe.stop()
    ended(probe)
    assert probe.lanes[0].state == "stopped"
    assert workspace.of(ME).probes.start(["sim/quick"], 1, PROMPT) is not probe
    ended(workspace.of(ME).probes.current() or probe)


@pytest.mark.parametrize(
    ("limits", "gap"),
    [
        ([], 0),
        ([("requests", "minute", 30)], 2),
        ([("requests", "minute", 30), ("tokens", "minute", 6000)], 5),
        ([("requests", "second", 2)], 0.5),
        ([("requests", "day", 10)], 0),
        ([("requests", "minute", None)], POLITE_S),
    ],
)
def test_the_gap_fits_the_tightest_limit(limits: list[tuple[str, str, int | None]], gap: float) -> None:
    published = tuple(
        Limit("account", unit, period, None if amount is None else Decimal(amount))  # type: ignore[arg-type]
        for unit, period, amount in limits
    )
    provider = Provider("acme", "Acme", "openai", "https://acme.invalid", limits=published)
    ask = PlannedCall(provider, Model("acme/small", "small", "acme"), input_tokens=100, output_tokens=400)
    assert gap_s([ask]) == pytest.approx(gap)


def test_a_minutes_limit_is_no_obstacle_to_calls_that_follow_each_other(tmp_path: Path) -> None:
    limits = (per("requests", "minute", 2), per("requests", "day", 10))
    workspace = workspace_of(tmp_path, table("acme", "https://acme.invalid", *limits))
    (five,) = workspace.of(ME, KEYS).quota.price(["acme/small"] * 5, PROMPT)
    (twelve,) = workspace.of(ME, KEYS).quota.price(["acme/small"] * 12, PROMPT)
    assert spaced(five).requests is None or spaced(five).requests.window.per == "day"  # type: ignore[union-attr]
    assert (five.state, spaced(five).state, spaced(twelve).state) == ("over", "fits", "over")


def test_what_fits_is_free_at_once() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert free_at([], now) == now
    assert free_at([], now + timedelta(hours=1)) == now + timedelta(hours=1)
