"""Fair shares on the ledger: nobody locked out by another's batch, what is idle is lent, own keys are free of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.providers.limits import PlannedCall
from core.providers.shares import Sharer
from core.records import Provider, Usage
from core.store.database import Database
from core.store.quota import ledger, shares, view
from core.store.quota.grants import DoesNotFit, Grant, Hold
from core.store.quota.tables import shares as rows
from tests.quota.conftest import Frozen, ask, limit, provider

MORNING = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)


def by(of: Provider, name: str, *, team: int = 4, weight: int = 1, background: bool = False) -> PlannedCall:
    return ask(of, sharer=Sharer(name, team, weight, background))


def reserve(database: Database, planned: PlannedCall, clock: Frozen) -> Grant:
    assert planned.sharer
    (grant,) = ledger.reserve(database, planned.sharer.owner_id, [planned], now=clock).grants
    return grant


def granted(database: Database, planned: PlannedCall, clock: Frozen, times: int = 50) -> int:
    """How often it is granted, and settled, before it is refused."""
    for number in range(times):
        grant = reserve(database, planned, clock)
        if not isinstance(grant, Hold):
            return number
        assert ledger.settle(database, grant.hold_id, usage=Usage(100, 50), now=clock)
    return times


@pytest.fixture
def clock() -> Frozen:
    return Frozen(MORNING)


def test_after_the_batch_of_one_the_others_find_their_shares(database: Database, clock: Frozen) -> None:
    of = provider(limit(22))
    assert granted(database, by(of, "ana"), clock) == 5 + 2, "her share, and what four shares leave"
    assert [granted(database, by(of, name), clock) for name in ("ben", "cy", "dan")] == [5, 5, 5]
    assert granted(database, by(of, "eve"), clock) == 0, "a fifth of a team of four finds what is left"
    clock.move(days=1)
    assert granted(database, by(of, "ana"), clock) == 4 + 2, "five people are known now"
    assert granted(database, by(of, "eve"), clock) == 4


def test_what_nobody_uses_is_lent_until_the_reset(database: Database, clock: Frozen) -> None:
    of = provider(limit(20))
    assert granted(database, by(of, "ana"), clock) == 5
    grant = reserve(database, by(of, "ana"), clock)
    assert isinstance(grant, DoesNotFit)
    assert grant.of_share
    assert grant.window.share
    assert (grant.window.share.size, grant.window.share.taken, grant.window.share.available) == (5, 5, 0)
    assert grant.lent_at
    clock.at = grant.lent_at
    assert granted(database, by(of, "ana"), clock) >= 1, "as it said"
    clock.at = MORNING + timedelta(hours=12)
    granted(database, by(of, "ana"), clock)
    assert granted(database, by(of, "ben"), clock) == 3, "half of the time is left"
    clock.at = MORNING + timedelta(hours=22)
    assert granted(database, by(of, "ana"), clock) + granted(database, by(of, "cy"), clock) > 0
    ((window,),) = view.of_asks(database, [ask(of)], now=clock)
    assert (window.used, window.remaining) == (20, 0), "exactly the limit"


def test_what_a_call_did_not_take_is_kept_for_the_same_person(database: Database, clock: Frozen) -> None:
    of = provider(limit(600, unit="tokens"))
    first = reserve(database, by(of, "ana"), clock)  # 150 tokens are held, all of her share
    assert isinstance(first, Hold)
    assert isinstance(reserve(database, by(of, "ana"), clock), DoesNotFit)
    assert ledger.settle(database, first.hold_id, usage=Usage(0, 0), now=clock)
    for name in ("ben", "cy", "dan"):
        assert granted(database, by(of, name), clock) == 1
    assert isinstance(reserve(database, by(of, "ana"), clock), Hold)


def test_a_hold_that_expires_is_kept_for_the_same_person(database: Database, clock: Frozen) -> None:
    of = provider(limit(4))
    assert isinstance(reserve(database, by(of, "ana"), clock), Hold)
    assert isinstance(reserve(database, by(of, "ana"), clock), DoesNotFit)
    clock.move(seconds=200)
    assert ledger.expire(database, now=clock) == 1
    assert [granted(database, by(of, name), clock) for name in ("ben", "ana", "cy", "dan")] == [1, 1, 1, 1]


def test_an_own_key_and_a_server_without_shares_are_free_of_it(database: Database, clock: Frozen) -> None:
    of = provider(limit(20))
    assert granted(database, by(of, "ana"), clock) == 5
    own = ask(of, key_hash="anas", own=True)
    assert sum(isinstance(grant, Hold) for grant in ledger.reserve(database, "ana", [own] * 20, now=clock).grants) == 20
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(rows)).scalar_one() == 1


def test_all_lanes_of_a_comparison_count_and_a_refused_lane_takes_nothing(database: Database, clock: Frozen) -> None:
    of = provider(limit(16), limit(8, pool="model", models=("big",)))
    lanes = [by(of, "ana"), ask(of, "big", sharer=Sharer("ana", 4)), ask(of, "big", sharer=Sharer("ana", 4))] * 2
    grants = ledger.reserve(database, "ana", lanes, now=clock).grants
    assert [isinstance(grant, Hold) for grant in grants] == [True, True, True, True, False, False]
    windows = view.windows(database, [(of, "k1")], sharers={"acme": Sharer("ana", 4)}, now=clock)
    sizes = sorted((int(window.share.size), int(window.share.taken)) for window in windows if window.share)
    assert sizes == [(2, 2), (4, 4)]


def test_weights(database: Database, clock: Frozen) -> None:
    of = provider(limit(20))
    granted(database, by(of, "ana", team=1), clock, 1)
    granted(database, by(of, "ben", team=1, weight=3), clock, 1)
    clock.move(days=1)
    assert granted(database, by(of, "ana", team=1), clock) == 5
    assert granted(database, by(of, "ben", team=1, weight=3), clock) == 15


def test_a_week_after_the_last_question_nothing_is_kept_any_more(database: Database, clock: Frozen) -> None:
    of = provider(limit(20))
    granted(database, by(of, "ana", team=1), clock, 1)
    clock.move(days=7)
    assert granted(database, by(of, "ben", team=1), clock) == 10
    clock.move(days=1)
    assert granted(database, by(of, "ben", team=1), clock) == 20


def test_a_batch_leaves_room_for_who_was_refused(database: Database, clock: Frozen) -> None:
    of = provider(limit(10, per="minute"))
    batch = by(of, "ana", background=True)
    assert granted(database, batch, clock) == 5, "half is for whoever comes"
    assert granted(database, by(of, "ben"), clock) == 5
    assert isinstance(reserve(database, by(of, "ben"), clock), DoesNotFit)
    clock.move(minutes=1)
    assert granted(database, by(of, "ben"), clock, 1) == 1
    assert granted(database, batch, clock) == 3, "three have a share now: ana, ben and the next"


def test_what_a_person_may_take_is_what_remains_on_their_pages(database: Database, clock: Frozen) -> None:
    of = provider(limit(20))
    granted(database, by(of, "ana"), clock, 3)
    of_ana, of_all = view.of_asks(database, [by(of, "ana"), ask(of)], now=clock)
    assert (of_ana[0].remaining, of_all[0].remaining) == (2, 17)
    (line,) = view.prices(database, [by(of, "ana")] * 3, now=clock)
    assert line.state == "over"
    (window,) = view.windows(database, [(of, "k1")], sharers={"acme": Sharer("ben", 4)}, now=clock)[:1]
    assert window.share
    assert (window.remaining, window.share.available) == (17, 5)


def test_people_who_are_not_known_any_more_are_deleted(sqlite: Database) -> None:
    of = provider(limit(20), limit(20, per="minute"))
    long_ago = Frozen(sqlite.now() - timedelta(days=5))
    granted(sqlite, by(of, "ana"), long_ago, 1)
    shares.drop_old(sqlite)
    with sqlite.read() as connection:
        assert [row.meter_id.rpartition("|")[2] for row in connection.execute(select(rows))] == ["day"]
