"""The nightly probe: off by default, priced beforehand, within its share of every pool, by one process of several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from core.errors import Setup
from core.options import load
from core.providers.limits import PlannedCall, meters_of, window_of
from core.records import NIGHTLY, Limit, Model, Provider, Window
from core.store import calls
from core.store.latency.buckets import ODD, AnswerFlag
from core.store.latency.read import Measurements
from core.store.quota.tables import nights
from core.workspace import Workspace
from core.workspace.nightly.plan import MOST_OF_PROVIDER, NightPlan, has_room, plan
from core.workspace.nightly.probe import DRAWN_HOURS, FROM_HOUR, SPACING_S, TO_HOUR
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, model, per, table, until, workspace_of

NIGHT = datetime(2026, 11, 29, 2, tzinfo=UTC)
ENVIRON = {f"{name.upper()}_KEY": key for name, key in KEYS.items()}
ON = {"ROUNDTABLE_NIGHTLY_PROBE": "true", "ROUNDTABLE_NIGHTLY_PROBE_ZONE": "UTC", **ENVIRON}


def asks_of(*limits: Limit, models: int = 1, free: bool = True, priced: bool = False) -> list[PlannedCall]:
    usd_in, usd_out = (Decimal(2), Decimal(8)) if priced else (None, None)
    rows = tuple(
        Model(f"acme/m{place}", f"m{place}", "acme", usd_per_million_in=usd_in, usd_per_million_out=usd_out)
        for place in range(models)
    )
    provider = Provider("acme", "Acme", "openai", "https://acme.example/v1", free=free, limits=limits, models=rows)
    return [PlannedCall(provider, row, "k", input_tokens=10, output_tokens=1) for row in rows]


def windows_of(asks: Sequence[PlannedCall], remaining: Decimal | None = None) -> list[list[Window]]:
    made = [[window_of(meter, NIGHT) for meter in meters_of(ask.provider, ask.model.name, "k")] for ask in asks]
    if remaining is None:
        return made
    return [[replace(window, remaining=remaining) for window in each] for each in made]


def limit(pool: str, period: str, amount: int | None, unit: str = "requests") -> Limit:
    return Limit(pool, unit, period, None if amount is None else Decimal(amount))  # type: ignore[arg-type]


def planned(*limits: Limit, remaining: int | None = None, models: int = 1, **facts: bool) -> NightPlan:
    asks = asks_of(*limits, models=models, **facts)
    return plan(asks, windows_of(asks, None if remaining is None else Decimal(remaining)))


@pytest.mark.parametrize(
    ("limits", "models", "calls_made"),
    [
        ([], 3, 3),
        ([limit("account", "day", 50)], 12, 5),  # a tenth of what all share
        ([limit("account", "day", 9)], 12, 0),  # one call would be more than a tenth
        ([limit("model", "day", 20)], 12, 12),  # each has its own
        ([limit("model", "day", 9)], 12, 0),
        ([limit("account", "hour", 60)], 12, 6),
        ([limit("account", "month", 1000)], 12, 3),  # a tenth in a month of nights
        ([limit("account", "once", 1000)], 12, 1),
        ([limit("account", "once", 100)], 12, 0),
        ([limit("account", "day", 500, "tokens")], 12, 4),  # 11 tokens each
        ([limit("account", "day", None)], 12, 1),  # nobody knows its size
        ([limit("account", "minute", 2)], 12, 12),
        ([limit("account", "day", 50), limit("account", "minute", 2)], 12, 5),
        ([], 40, MOST_OF_PROVIDER),
    ],
)
def test_a_night_takes_a_small_share_of_every_pool(limits: list[Limit], models: int, calls_made: int) -> None:
    night = planned(*limits, models=models)
    assert len(night.calls) == calls_made
    assert len(night.skipped) == models - calls_made
    assert night.largest_share is None or night.largest_share[0] <= Decimal("0.1")


@pytest.mark.parametrize(("remaining", "calls_made"), [(0, 0), (1, 0), (10, 0), (12, 1), (100, 10)])
def test_never_the_last_of_a_pool(remaining: int, calls_made: int) -> None:
    asks = asks_of(limit("account", "day", 100), models=12)
    windows, taken_of = windows_of(asks, Decimal(remaining)), dict[str, Decimal]()
    assert has_room(asks[0], windows[0], lambda _: Decimal(0)) is (remaining >= 21)
    night = plan(asks, windows)
    assert len(night.calls) == (10 if remaining >= 21 else 0)
    assert taken_of == {}


def test_the_price_of_a_night_is_told_and_what_has_none_is_not_asked() -> None:
    night = planned(models=2, free=False, priced=True)
    assert (night.tokens, night.cost_usd) == (22, Decimal("0.000056"))
    assert planned(models=2, free=False).skipped == {"acme/m0": "price unknown", "acme/m1": "price unknown"}
    share, window = planned(limit("account", "day", 50), models=12).largest_share or (None, None)
    assert (share, window.limit if window else None) == (Decimal("0.1"), 50)


def test_models_of_a_small_pool_take_turns() -> None:
    asks = asks_of(limit("account", "day", 20), models=4)
    last = {f"acme/m{place}": NIGHT - timedelta(days=place) for place in range(3)}
    assert [call.model.id for call in plan(asks, windows_of(asks), last).calls] == ["acme/m3", "acme/m2"]


def by_night(
    folder: Path, *tables: str, at: datetime = NIGHT, pauses: list[float] | None = None, **options: str
) -> Workspace:
    environ = {**ON, **options}
    workspace = workspace_of(folder, *tables, pauses=None, now=lambda: datetime.now(UTC), **environ)

    async def note(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)
        await asyncio.sleep(0)

    class Earliest(Random):
        def randrange(self, *_: object) -> int:
            return 0

    workspace.nightly._sleep = note
    workspace.nightly._now = lambda: at
    workspace.nightly._chance = Earliest(1)
    return workspace


def ended(workspace: Workspace) -> tuple[int, int, int]:
    until(lambda: workspace.nightly.last() is not None)
    last = workspace.nightly.last()
    assert last
    return last.answered, last.failed, last.skipped


TWO = f"{model('one')}, {model('two')}"


def free_table(name: str, url: str, *limits: str, models: str = TWO) -> str:
    return table(name, url, *limits, models=models, more="own = false\nfree = true")


def test_each_model_is_asked_once_by_one_of_two_processes(tmp_path: Path, server: FaultyServer) -> None:
    tables = (free_table("acme", server.url("good")), free_table("bolt", server.url("length")))
    before = server.calls["good"], server.calls["length"]
    pauses: list[float] = []
    both = [by_night(tmp_path, *tables, pauses=pauses) for _ in range(2)]
    assert [len(workspace.nightly.price().calls) for workspace in both] == [4, 4]
    for _ in range(3):
        for workspace in both:
            workspace.nightly.tick()
    assert ended(both[0]) == (4, 0, 0)
    for workspace in both:
        workspace.nightly.tick()
    assert (server.calls["good"], server.calls["length"]) == (before[0] + 2, before[1] + 2)
    assert len(pauses) == 3
    assert all(SPACING_S <= pause <= 2 * SPACING_S for pause in pauses)
    body = server.bodies["good"][-1]
    assert body["max_tokens"] == 1
    database = both[0].database
    assert {row.model_id for row in calls.recent(database, NIGHTLY.id)} == {
        f"{name}/{row}" for name in ("acme", "bolt") for row in ("one", "two")
    }
    assert calls.recent(database, ME) == []
    flags = {series.flags & ~ODD for series in Measurements(database, NIGHTLY.id).series_of()}
    assert flags == {AnswerFlag.PROBE | AnswerFlag.NIGHTLY}
    assert Measurements(database, ME).series_of() == []
    assert calls.speeds(database, since=NIGHT - timedelta(days=9999)) == {}  # of one token nothing follows for "auto"
    acme = both[1].engine.catalog.providers["acme"]
    until(lambda: both[1].engine.directory.life(acme).state(acme.models[0]).state == "live")


def test_a_failure_is_not_tried_again_and_moves_the_state(tmp_path: Path, server: FaultyServer) -> None:
    workspace = by_night(tmp_path, free_table("acme", server.url("server-500")), free_table("bolt", server.url("gone")))
    before = server.calls["server-500"], server.calls["gone"]
    workspace.nightly.tick()
    assert ended(workspace) == (0, 4, 0)
    assert (server.calls["server-500"], server.calls["gone"]) == (before[0] + 2, before[1] + 2)
    providers = workspace.engine.catalog.providers
    for name, state in (("acme", "degraded"), ("bolt", "gone")):
        until(
            lambda name=name, state=state: (  # type: ignore[misc]
                workspace.engine.directory.life(providers[name]).state(providers[name].models[0]).state == state
            )
        )


def test_nothing_is_asked_beyond_its_share_nor_with_a_pasted_key(tmp_path: Path, server: FaultyServer) -> None:
    many = ", ".join(model(f"m{place}") for place in range(5))
    workspace = by_night(
        tmp_path,
        free_table("acme", server.url("good"), per("requests", "day", 20), models=many),
        free_table("bolt", server.url("good")),
        BOLT_KEY="",
    )
    before = server.calls["good"]
    assert workspace.of(ME, KEYS).nightly.price().skipped == {f"acme/m{place}": "no room" for place in (2, 3, 4)}
    workspace.nightly.tick()
    assert ended(workspace) == (2, 0, 3)
    assert server.calls["good"] == before + 2


def test_off_it_asks_nothing_and_tells_its_price(tmp_path: Path, server: FaultyServer) -> None:
    workspace = by_night(tmp_path, free_table("acme", server.url("good")), ROUNDTABLE_NIGHTLY_PROBE="false")
    workspace.nightly.tick()
    assert not workspace.nightly.enabled
    assert not load(environ={}, folder=tmp_path).nightly_probe  # by default
    assert rows(workspace) == []
    assert len(workspace.nightly.price().calls) == 2  # the price is told before it is switched on


def rows(workspace: Workspace) -> Sequence[object]:
    with workspace.database.read() as connection:
        return connection.execute(select(nights)).all()


@pytest.mark.parametrize(
    ("zone", "at", "begins"),
    [
        ("UTC", datetime(2026, 11, 29, 0, 59, tzinfo=UTC), False),
        ("UTC", datetime(2026, 11, 29, 1, tzinfo=UTC), True),
        ("UTC", datetime(2026, 11, 29, 5, 59, tzinfo=UTC), True),
        ("UTC", datetime(2026, 11, 29, 6, tzinfo=UTC), False),
        ("UTC", datetime(2026, 11, 29, 13, tzinfo=UTC), False),
        ("Asia/Shanghai", datetime(2026, 11, 28, 18, tzinfo=UTC), True),
        ("Asia/Shanghai", datetime(2026, 11, 29, 2, tzinfo=UTC), False),
    ],
)
def test_it_begins_by_night_in_the_operators_zone(
    tmp_path: Path, server: FaultyServer, zone: str, at: datetime, begins: bool
) -> None:
    workspace = by_night(tmp_path, free_table("acme", server.url("good")), at=at, ROUNDTABLE_NIGHTLY_PROBE_ZONE=zone)
    workspace.nightly._zone = ZoneInfo(zone)
    workspace.nightly.tick()
    assert bool(rows(workspace)) is begins
    if begins:
        assert ended(workspace) == (2, 0, 0)


def test_the_minute_is_drawn_once_for_all_processes(tmp_path: Path, server: FaultyServer) -> None:
    minutes = set()
    for seed in range(8):
        folder = tmp_path / str(seed)
        folder.mkdir()
        at = NIGHT.replace(hour=FROM_HOUR)
        both = [by_night(folder, free_table("acme", server.url("good")), at=at) for _ in range(2)]
        for place, workspace in enumerate(both):
            workspace.nightly._chance = Random(seed + 100 * place)
            workspace.nightly.tick()
        ((start,),) = [[row.starts_us for row in rows(both[0])]]  # type: ignore[attr-defined]
        minutes.add(start)
        offset = timedelta(microseconds=start) - (at - datetime(1970, 1, 1, tzinfo=UTC))
        assert timedelta(0) <= offset < timedelta(hours=DRAWN_HOURS)
        assert offset % timedelta(minutes=1) == timedelta(0)
    assert len(minutes) > 4


def test_another_process_goes_on_where_one_died(tmp_path: Path, server: FaultyServer) -> None:
    tables = (free_table("acme", server.url("good"), models=", ".join(model(name) for name in "abcd")),)
    dying, other = (by_night(tmp_path, *tables) for _ in range(2))
    before = server.calls["good"]
    stopped = asyncio.Event()

    async def die(_: float) -> None:
        await stopped.wait()

    dying.nightly._sleep = die
    dying.nightly.tick()
    until(lambda: len(calls.recent(dying.database, NIGHTLY.id)) == 1)
    other.nightly.tick()  # the lease holds
    assert other.nightly._running is None
    dying.close()
    with other.database.write() as connection:
        connection.execute(update(nights).values(lease_until=0))
    other.nightly.tick()
    assert ended(other) == (4, 0, 0)
    assert server.calls["good"] == before + 4


def test_a_night_that_lasts_too_long_stops_in_the_morning(tmp_path: Path, server: FaultyServer) -> None:
    workspace = by_night(tmp_path, free_table("acme", server.url("good")))
    now = NIGHT
    workspace.nightly._now = lambda: now

    async def until_morning(_: float) -> None:
        nonlocal now
        now = NIGHT.replace(hour=TO_HOUR)

    workspace.nightly._sleep = until_morning
    workspace.nightly.tick()
    assert ended(workspace) == (1, 0, 1)


def test_a_zone_that_is_none_is_said_to_be_wrong(tmp_path: Path) -> None:
    with pytest.raises(Setup, match=r"NIGHTLY_PROBE_ZONE.*must be a time zone"):
        workspace_of(tmp_path, ROUNDTABLE_NIGHTLY_PROBE_ZONE="Mars/Olympus")


def test_housekeeping_carries_it(tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = by_night(tmp_path, free_table("acme", server.url("good")))
    tidy: Callable[[], None] = workspace.housekeeping.tidy
    tidy()
    assert ended(workspace) == (2, 0, 0)
