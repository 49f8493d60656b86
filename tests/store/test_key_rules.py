"""What people may use of the server's keys: rules by person and group, and the counters of a person's day."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection

from core.providers.limits import PlannedCall
from core.records import RateLimitReading, Usage
from core.store import erasure, owners
from core.store.columns import to_us
from core.store.database import Database
from core.store.opening import open_database
from core.store.people import key_rules, tables
from core.store.quota import daily_limits, ledger
from core.store.quota.grants import DoesNotFit, Hold
from core.views.people import KeyRule, PersonRule
from tests.store.conftest import OWNER
from tests.store.daily_child import TRIES, planned

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HALF = KeyRule(("groq/*",), 50, None, Decimal("0.25"))


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self, _connection: Connection | None = None) -> int:
        return to_us(self.at)


def granted(database: Database, call: PlannedCall, clock: Clock) -> Hold | DoesNotFit:
    (grant,) = ledger.reserve(database, "ana", [call], now=clock).grants
    assert isinstance(grant, Hold | DoesNotFit)
    return grant


def day(database: Database, rule: KeyRule, clock: Clock, owner_id: str = "ana") -> list[tuple[str, str | None]]:
    windows = daily_limits.windows(database, owner_id, rule, "UTC", now=clock)
    return [(window.unit, None if window.remaining is None else f"{window.remaining:f}") for window in windows]


def test_a_person_before_the_group_before_the_options(database: Database) -> None:
    assert key_rules.of(database, OWNER) == KeyRule()
    key_rules.set_group(database, "data", HALF)
    key_rules.set_person(database, OWNER, PersonRule("data", KeyRule(requests=5)))
    assert key_rules.of(database, OWNER) == KeyRule(("groq/*",), 5, None, Decimal("0.25"))
    assert key_rules.of(database, OWNER).before(KeyRule(tokens=9, usd=Decimal(1))).tokens == 9
    assert key_rules.groups(database) == {"data": HALF}
    assert key_rules.everybody(database) == {OWNER: PersonRule("data", KeyRule(requests=5))}
    key_rules.remove_group(database, "data")
    assert key_rules.of(database, OWNER) == KeyRule(requests=5)
    key_rules.set_person(database, OWNER, PersonRule())
    assert key_rules.everybody(database) == {}


def test_no_models_is_a_rule_too(database: Database) -> None:
    key_rules.set_person(database, OWNER, PersonRule("", KeyRule(models=(), requests=0)))
    assert key_rules.of(database, OWNER) == KeyRule(models=(), requests=0)


def test_nobody_gets_rid_of_a_limit_by_an_erasure(database: Database) -> None:
    key_rules.set_person(database, OWNER, PersonRule("", KeyRule(requests=2)))
    with database.read() as connection:
        (line,) = owners.lines(connection, OWNER, tables.key_rules)  # and the export has it
    assert '"requests": 2' in line
    erasure.begin(database, OWNER)
    assert key_rules.of(database, OWNER) == KeyRule(requests=2)


def test_a_day_ends_at_its_limit_and_begins_at_midnight(database: Database) -> None:
    clock, call = Clock(), planned(2)
    first = granted(database, call, clock)
    assert isinstance(first, Hold)
    assert isinstance(granted(database, call, clock), Hold)
    refused = granted(database, call, clock)
    assert isinstance(refused, DoesNotFit)
    assert refused.resets_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert isinstance(granted(database, replace(call, insist=True), clock), DoesNotFit)
    assert isinstance(granted(database, planned(2, "ben"), clock), Hold)  # another person has a day of their own
    ledger.settle(database, first.hold_id, sent=False, now=clock)
    assert day(database, KeyRule(requests=2), clock) == [("requests", "1")]
    assert isinstance(granted(database, planned(3), clock), Hold)  # an administrator gave one more
    clock.at += timedelta(hours=12)
    assert isinstance(granted(database, call, clock), DoesNotFit)  # two still run
    assert isinstance(granted(database, planned(3), clock), Hold)


def test_tokens_and_money_are_settled_as_the_provider_counted(database: Database) -> None:
    clock, rule = Clock(), KeyRule(tokens=1000, usd=Decimal("0.01"))
    priced = replace(planned(1).model, usd_per_million_in=Decimal(2), usd_per_million_out=Decimal(4))
    own = daily_limits.meters_of("ana", rule, "UTC")
    call = replace(planned(1), model=priced, input_tokens=400, output_tokens=400, of_person=own)
    hold = granted(database, call, clock)
    assert isinstance(hold, Hold)
    assert isinstance(granted(database, call, clock), DoesNotFit)
    ledger.sending(database, hold.hold_id, 60, now=clock)
    ledger.settle(database, hold.hold_id, usage=Usage(400, 100), cost_usd=Decimal("0.0012"), now=clock)
    assert day(database, rule, clock) == [("tokens", "500"), ("usd", "0.0088")]
    free = replace(call, model=replace(priced, free=True), input_tokens=100, output_tokens=100)
    no_money = replace(free, of_person=daily_limits.meters_of("ana", KeyRule(usd=Decimal(0)), "UTC"))
    assert isinstance(granted(database, no_money, clock), Hold)  # a free model costs nothing


def test_a_providers_reading_says_nothing_of_a_person(database: Database) -> None:
    clock, call = Clock(), planned(5)
    hold = granted(database, call, clock)
    assert isinstance(hold, Hold)
    ledger.tell(database, hold.hold_id, [RateLimitReading("requests", "day", Decimal(100), Decimal(0))], now=clock)
    assert day(database, KeyRule(requests=5), clock) == [("requests", "4")]


def test_counters_of_past_days_are_deleted(database: Database) -> None:
    clock = Clock()
    hold = granted(database, planned(5), clock)
    assert isinstance(hold, Hold)
    clock.at += timedelta(days=3)
    assert daily_limits.expire(database, now=clock) == 0  # it still runs
    ledger.settle(database, hold.hold_id, now=clock)
    assert daily_limits.expire(database, now=clock) == 1


def test_two_processes_race_for_the_last_calls_of_a_day(url: str | None, tmp_path: Path) -> None:
    open_database(url, tmp_path).close()
    limit = 2 * TRIES - 5
    command = [sys.executable, "-m", "tests.store.daily_child", str(tmp_path), url or "-", str(limit)]
    children = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()
    assert sum(int(child.communicate()[0]) for child in children) == limit
