"""Batches in the database: whose they are, what a step does, and that a process that is gone loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import get_args

import pytest
from sqlalchemy import update

from core.schemas import repair
from core.store import NotFound
from core.store.batches import carrying, forms, making, reading
from core.store.batches.carrying import Ended, Step, Wish
from core.store.batches.tables import batches
from core.store.database import Database
from core.store.opening import open_database
from core.views.batches import BatchPlan, Item, Which
from tests.store.conftest import OWNER, START, Clock

HERE, THERE = "host-a/1/x", "host-b/2/y"
MODELS = ("sim/quick", "sim/steady")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database of each kind for all tests here: making one costs more than they do."""
    url = request.getfixturevalue("server").new() if request.param == "postgresql" else None
    database = open_database(url, tmp_path_factory.mktemp(request.param), now=Clock())
    yield database
    database.close()


@pytest.fixture
def database(opened: Database) -> Database:
    with opened.write(durable=False) as connection:
        connection.execute(batches.delete())
    return opened


def made(
    database: Database, rows: int = 3, process: str = HERE, request: str = "r1", pasted: tuple[str, ...] = ()
) -> str:
    prompts = [(f"prompt {n}", f"{n}" if n % 2 else None) for n in range(1, rows + 1)]
    batch_id, fresh = making.create(
        database, OWNER, request, BatchPlan("mine", MODELS, prompts, rule={"kind": "contains"}, pasted=pasted), process
    )
    assert fresh
    return batch_id


def step(database: Database, batch_id: str, process: str = HERE, **wish: object) -> Step:
    done = carrying.step(database, OWNER, batch_id, process, Wish(**wish))  # type: ignore[arg-type]
    assert done
    return done


def answered(place: int, n: int, **fields: object) -> Ended:
    result = {"text": "so it is", "passed": True, "total_ms": 100.0 * n, "input_tokens": 5, "output_tokens": 7}
    return Ended(n, Item(place, "done", **{**result, **fields}), ended_at=START)  # type: ignore[arg-type]


def dies(database: Database, batch_id: str) -> None:
    """The lease of the process that carries it runs out."""
    with database.write() as connection:
        connection.execute(update(batches).where(batches.c.id == batch_id).values(lease_until=1))


def test_made_once_for_a_request_and_found_by_its_owner_only(database: Database) -> None:
    batch_id = made(database)
    assert making.create(database, OWNER, "r1", BatchPlan("again", MODELS, [("x", None)]), HERE) == (batch_id, False)
    batch = reading.get(database, OWNER, batch_id)
    assert (batch.name, batch.rows, batch.items, batch.state) == ("mine", 3, 6, "running")
    assert [stored.id for stored in reading.recent(database, OWNER)] == [batch_id]
    acts: list[Callable[..., object]] = [reading.get, making.pause, making.cancel]
    for act in acts:
        with pytest.raises(NotFound):
            act(database, "eve", batch_id)
    for act in (making.resume, making.retry):
        with pytest.raises(NotFound):
            act(database, "eve", batch_id, HERE)
    making.remove(database, "eve", batch_id)
    assert reading.page(database, "eve", batch_id) == []
    assert list(reading.everything(database, "eve", batch_id)) == []
    assert reading.number(database, "eve", batch_id) == 0
    assert sum(stored.waiting for stored in reading.sums(database, "eve", batch, since=START)) == 0
    with pytest.raises(NotFound):
        reading.line(database, "eve", batch_id, 1)
    assert carrying.step(database, "eve", batch_id, HERE, Wish(take={0: 1})) is None
    assert reading.number(database, OWNER, batch_id) == 3


def test_steps_lead_to_the_end_and_the_sums_agree(database: Database) -> None:
    batch_id = made(database)
    claimed = step(database, batch_id, take={0: 2, 1: 9}).claimed
    assert [(first.place, first.n) for first in claimed] == [(0, 1), (0, 2), (1, 1), (1, 2), (1, 3)]
    assert claimed[0].prompt == "prompt 1"
    ended = [
        answered(0, 1, cost_usd=Decimal("0.001")),
        answered(0, 2, passed=None),
        answered(1, 1, passed=False),
        Ended(2, Item(1, "failed", error_kind="server", error="no"), ended_at=START),
        Ended(3, Item(1, "waiting"), tries=1),
    ]
    assert step(database, batch_id, ended=ended, take={0: 9}).claimed[0].n == 3
    first, second = reading.sums(database, OWNER, reading.get(database, OWNER, batch_id), since=START)
    assert (first.done, first.asking, first.checked, first.passed, first.median_ms) == (2, 1, 1, 1, 100.0)
    assert (first.cost_usd, first.unpriced, first.input_tokens, first.lately) == (Decimal("0.001"), 1, 10, 2)
    assert (second.done, second.failed, second.waiting, second.passed) == (1, 1, 1, 0)
    later = reading.sums(database, OWNER, reading.get(database, OWNER, batch_id), since=START + timedelta(seconds=1))
    assert later[0].lately == 0
    last = step(database, batch_id, ended=[answered(0, 3)], skip={1: ("auth", "no key")}, idle=True)
    assert last.state == "done"
    batch = reading.get(database, OWNER, batch_id)
    assert (batch.done, batch.failed, batch.skipped, batch.over) == (4, 1, 1, 6)
    assert batch.ended_at
    assert not batch.carried


def test_the_same_answer_twice_counts_once(database: Database) -> None:
    batch_id = made(database)
    step(database, batch_id, take={0: 1})
    for _ in range(2):
        step(database, batch_id, ended=[answered(0, 1)])
    assert reading.get(database, OWNER, batch_id).done == 1


def test_what_was_found_out_about_the_form_is_kept_once_and_only_as_it_is_wished(database: Database) -> None:
    plan = BatchPlan("mine", MODELS[:1], [("prompt", None)], settings={"response_format": "json"}, fields=("a", "b"))
    batch_id, _ = making.create(database, OWNER, "r1", plan, HERE)
    step(database, batch_id, take={0: 1})
    step(database, batch_id, ended=[answered(0, 1)])
    assert [answer.text for answer in forms.unchecked(database, OWNER, batch_id, 9)] == ["so it is"]
    made = forms.FoundForm(0, 1, "valid", "", "1-", ",".join(get_args(repair.Step)))  # every repair there is
    forms.keep(database, OWNER, batch_id, [made], mends=True)
    forms.keep(database, "eve", batch_id, [made], mends=False)
    assert len(forms.unchecked(database, OWNER, batch_id, 9)) == 1
    forms.keep(database, OWNER, batch_id, [made], mends=False)
    part = reading.sums(database, OWNER, reading.get(database, OWNER, batch_id), since=START)[0]
    assert (dict(part.forms), part.repaired, dict(part.fields)) == ({"valid": 1}, 1, {"a": (1, 1)})
    assert reading.line(database, OWNER, batch_id, 1).items[0].repaired == made.repaired


def test_a_page_of_rows_by_kind(database: Database) -> None:
    batch_id = made(database, rows=7)
    step(database, batch_id, take={0: 7, 1: 7})
    ended = [answered(0, n, passed=n != 2, text="x" * 1000) for n in range(1, 8)]
    ended += [answered(1, n) if n != 3 else Ended(n, Item(1, "failed", error="no")) for n in range(1, 8)]
    step(database, batch_id, ended=ended, idle=True)

    def numbers(which: Which, **more: int) -> list[int]:
        return [line.n for line in reading.page(database, OWNER, batch_id, which, **more)]

    assert numbers("all", first=2, most=3) == [3, 4, 5]
    assert numbers("failed") == [3]
    assert numbers("wrong") == [2]
    assert reading.number(database, OWNER, batch_id, "answered") == 7
    (cut,) = reading.page(database, OWNER, batch_id, "wrong")
    assert len(cut.items[0].text) == reading.CELL
    assert len(reading.line(database, OWNER, batch_id, 2).items[0].text) == 1000
    assert [line.n for line in reading.everything(database, OWNER, batch_id)] == list(range(1, 8))


def test_a_process_that_is_gone_loses_nothing_and_asks_nothing_twice(database: Database) -> None:
    batch_id = made(database)
    step(database, batch_id, take={0: 2})
    step(database, batch_id, ended=[answered(0, 1)])
    assert carrying.claim(database, THERE) == []
    dies(database, batch_id)
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda n: carrying.claim(database, f"{THERE}{n}"), range(4)))
    (winner,) = [n for n, claim in enumerate(claims) if claim == [(OWNER, batch_id)]]
    assert sum(map(len, claims)) == 1
    assert carrying.step(database, OWNER, batch_id, HERE, Wish(ended=[answered(0, 2)])) is None
    claimed = step(database, batch_id, f"{THERE}{winner}", take={0: 9}).claimed
    assert [(cell.n, cell.again) for cell in claimed] == [(2, 1), (3, 0)]
    assert reading.get(database, OWNER, batch_id).done == 1


def test_pasted_keys_are_gone_with_their_process(database: Database) -> None:
    batch_id = made(database, pasted=("groq",))
    dies(database, batch_id)
    assert carrying.claim(database, THERE) == []
    batch = reading.get(database, OWNER, batch_id)
    assert (batch.state, batch.why, batch.carried) == ("paused", "keys", False)
    assert making.resume(database, OWNER, batch_id, THERE, ("groq",))
    assert reading.get(database, OWNER, batch_id).state == "running"


def test_paused_and_gone_on_with(database: Database) -> None:
    batch_id = made(database)
    step(database, batch_id, take={0: 1})
    making.pause(database, OWNER, batch_id)
    assert step(database, batch_id, take={0: 1}) == Step("paused", ())
    assert not making.resume(database, OWNER, batch_id, THERE)  # who has it goes on with it
    making.pause(database, OWNER, batch_id)
    assert step(database, batch_id, ended=[answered(0, 1)], idle=True).state == "paused"
    assert not reading.get(database, OWNER, batch_id).carried
    assert making.resume(database, OWNER, batch_id, THERE)
    assert step(database, batch_id, THERE, take={0: 1}).claimed[0].n == 2


def test_what_failed_is_asked_again_and_a_cancelled_batch_is_not(database: Database) -> None:
    batch_id = made(database, rows=1)
    step(database, batch_id, take={0: 1, 1: 1})
    step(database, batch_id, ended=[answered(0, 1), Ended(1, Item(1, "failed", error="no"), ended_at=START)], idle=True)
    assert making.retry(database, OWNER, batch_id, THERE)
    assert [(cell.place, cell.n) for cell in step(database, batch_id, THERE, take={0: 1, 1: 1}).claimed] == [(1, 1)]
    assert reading.get(database, OWNER, batch_id).failed == 0
    making.cancel(database, OWNER, batch_id)
    assert not making.retry(database, OWNER, batch_id, THERE)
    assert not making.resume(database, OWNER, batch_id, THERE)
    making.remove(database, OWNER, batch_id)
    assert carrying.step(database, OWNER, batch_id, THERE, Wish()) is None
    with pytest.raises(NotFound):
        reading.get(database, OWNER, batch_id)


def test_a_process_that_ends_gives_its_batches_back_at_once(database: Database) -> None:
    batch_id = made(database)
    step(database, batch_id, take={0: 1})
    assert carrying.give_back(database, THERE) == 0
    assert carrying.claim(database, THERE) == []
    assert carrying.give_back(database, HERE) == 1
    assert carrying.claim(database, THERE) == [(OWNER, batch_id)]
