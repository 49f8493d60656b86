"""A batch on its way: each prompt once, paused and gone on with, limits waited for or skipped, two clicks one batch."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.batch.slots import SIMULATED, Slots, lanes_of
from core.errors import Auth, BlockedInput, LLMError, Overloaded, QuotaSpent, RateLimited, Server
from core.records import ChatRequest, Limit, Provider
from core.safety.spreadsheet import harmless
from core.store import calls
from tests.batch.conftest import MODELS, Table
from tests.workspace.acme import ME, until


def unsent(error: LLMError) -> LLMError:
    error.sent = False
    return error


def test_every_prompt_is_asked_once_of_every_model(table: Table) -> None:
    batch_id = table.start(30)
    view = table.at_rest(batch_id)
    assert (view.batch.state, view.batch.done, view.batch.items) == ("done", 60, 60)
    assert set(table.model.prompts.values()) == {1}
    assert table.model.calls == 60
    assert [(summed.done, summed.checked, summed.passed, summed.median_ms) for summed in view.sums] == [
        (30, 30, 30, 10.0)
    ] * 2
    assert len(calls.recent(table.workspace.database, ME)) == 60
    assert not table.carrier._slots._used


def test_two_clicks_on_start_make_one_batch(table: Table) -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(lambda _: table.start(10), range(4)))
    (batch_id,) = ids
    assert table.at_rest(batch_id).batch.done == 20
    assert set(table.model.prompts.values()) == {1}


def test_a_pause_waits_for_what_is_on_its_way_and_a_resume_goes_on(table: Table) -> None:
    table.model.held.set()
    batch_id = table.start(40)
    until(lambda: table.model.calls == SIMULATED)
    table.batches.pause(batch_id)
    view = table.look(batch_id)
    assert (view.batch.state, view.batch.carried, view.asking) == ("paused", True, SIMULATED)
    table.model.held.clear()
    view = table.at_rest(batch_id)
    assert (view.batch.state, view.batch.done) == ("paused", SIMULATED)
    assert table.model.calls == SIMULATED
    table.batches.resume(batch_id)
    assert table.at_rest(batch_id).batch.done == 80
    assert set(table.model.prompts.values()) == {1}


def test_a_resume_while_the_last_answers_are_awaited_asks_nothing_twice(table: Table) -> None:
    table.model.held.set()
    batch_id = table.start(40)
    until(lambda: table.model.calls == SIMULATED)
    table.batches.pause(batch_id)
    table.batches.resume(batch_id)
    table.model.held.clear()
    assert table.at_rest(batch_id).batch.done == 80
    assert set(table.model.prompts.values()) == {1}


def test_a_cancelled_batch_stops_what_is_on_its_way(table: Table) -> None:
    table.model.held.set()
    batch_id = table.start(40)
    until(lambda: table.model.calls == SIMULATED)
    table.batches.cancel(batch_id)
    view = table.at_rest(batch_id)
    assert (view.batch.state, view.batch.skipped, view.batch.done) == ("cancelled", SIMULATED, 0)
    assert sum(summed.waiting for summed in view.sums) == 80 - SIMULATED
    assert table.model.calls == SIMULATED


def test_a_spent_allowance_is_waited_for(table: Table) -> None:
    opens = table.clock.at.replace(hour=13)

    def refuse(request: ChatRequest) -> LLMError | None:
        if request.model_id == MODELS[0] and table.clock.at < opens:
            return unsent(QuotaSpent("none left", retry_after_s=(opens - table.clock.at).total_seconds()))
        return None

    table.model.refuse = refuse
    batch_id = table.start(30)
    until(lambda: table.look(batch_id).sums[1].done == 30 and bool(table.look(batch_id).rests))
    until(lambda: table.look(batch_id).asking == 0)
    view, calls = table.look(batch_id), table.model.calls
    assert (view.batch.state, view.sums[0].waiting, view.rests) == ("running", 30, {0: (opens, "quota_spent")})
    assert view.left_s is None
    table.clock.move(minutes=59)
    assert table.model.calls == calls
    table.clock.move(minutes=1, seconds=1)
    view = table.at_rest(batch_id)
    assert (view.batch.state, view.batch.done, view.batch.failed) == ("done", 60, 0)


def test_a_spent_allowance_is_skipped_where_the_person_chose_so(table: Table) -> None:
    def refuse(request: ChatRequest) -> LLMError | None:
        exhausted = request.model_id == MODELS[0] and request.messages[-1].text not in ("prompt 1", "prompt 2")
        return unsent(QuotaSpent("none left", retry_after_s=3600)) if exhausted else None

    table.model.refuse = refuse
    batch_id = table.start(30, when_spent="skip")
    view = table.at_rest(batch_id)
    assert view.batch.state == "done"
    assert [(summed.done, summed.skipped) for summed in view.sums] == [(2, 28), (30, 0)]
    table.model.refuse = lambda _request: None
    table.batches.retry(batch_id)
    view = table.at_rest(batch_id)
    assert [(summed.done, summed.skipped) for summed in view.sums] == [(30, 0), (30, 0)]
    assert table.model.prompts[MODELS[0], "prompt 1"] == 1


def test_a_limit_of_a_minute_is_waited_for_in_either_case(table: Table) -> None:
    opens = table.clock.at.replace(minute=1)
    table.model.refuse = lambda _request: (
        unsent(RateLimited("wait", retry_after_s=60)) if table.clock.at < opens else None
    )  # fmt: skip
    batch_id = table.start(3, when_spent="skip")
    until(lambda: len(table.look(batch_id).rests) == 2)
    table.clock.move(seconds=61)
    assert table.at_rest(batch_id).batch.done == 6


@pytest.mark.parametrize(("error", "times"), [(Overloaded("busy"), 5), (RateLimited("slow down"), 5), (Server("x"), 1)])
def test_a_provider_that_keeps_refusing_ends_a_row_as_failed(table: Table, error: LLMError, times: int) -> None:
    table.model.refuse = lambda _request: error
    batch_id = table.start(1, models=("sim/quick",))
    for _ in range(times - 1):
        until(lambda: bool(table.look(batch_id).rests) or table.look(batch_id).batch.state == "done")
        table.clock.move(hours=1)
    view = table.at_rest(batch_id)
    assert (view.batch.state, view.batch.failed, table.model.calls) == ("done", 1, times)
    assert table.batches.line(batch_id, 1).items[0].error == error.message


def test_without_a_key_a_model_is_not_asked_ten_thousand_times(table: Table) -> None:
    table.model.refuse = lambda request: Auth("wrong key") if request.model_id == MODELS[1] else None
    view = table.at_rest(table.start(100))
    assert view.sums[0].done == 100
    assert view.sums[1].failed + view.sums[1].skipped == 100
    assert view.sums[1].failed <= SIMULATED


def test_a_fault_of_ours_fails_a_row_and_not_the_batch(table: Table, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(request: ChatRequest) -> LLMError | None:
        if request.messages[-1].text == "prompt 3":
            raise ZeroDivisionError
        return None

    table.model.refuse = refuse
    view = table.at_rest(table.start(5, models=("sim/quick",)))
    assert (view.batch.state, view.batch.done, view.batch.failed) == ("done", 4, 1)
    assert "ZeroDivisionError" in caplog.text


def test_pasted_keys_go_along_and_are_not_kept(table: Table, tmp_path: object) -> None:
    plan_keys = {"sim": "secret-0123456789"}
    assert table.of(ME, plan_keys).pasted(MODELS) == ["sim"]
    from core.views.batches import BatchPlan

    plan = BatchPlan("mine", MODELS[:1], [("a", None)], pasted=("sim",))
    table.at_rest(table.of(ME, plan_keys).start("k", plan))
    assert table.model.keys == [plan_keys]
    assert table.workspace.database.path
    assert b"secret-0123456789" not in b"".join(
        path.read_bytes() for path in table.workspace.database.path.parent.glob("roundtable.db*")
    )


def test_batches_share_a_provider_fairly() -> None:
    provider = Provider("sim", "Sim", "openai", "https://sim.example", simulated=True)
    slots = Slots()
    for batch in ("a", "b"):
        slots.join("sim", batch, batch)
    while slots.room(provider, "a"):
        slots.take("sim", "a")
    assert slots.room(provider, "b") == SIMULATED // 2
    slots.leave("sim", "b")
    assert slots.room(provider, "a") == SIMULATED // 2


def test_one_person_runs_so_many_batches_at_once(table: Table) -> None:
    most = table.workspace.input_limits.most_batches
    table.model.held.set()
    started = [table.start(1, request=f"r{number}") for number in range(most)]
    with pytest.raises(BlockedInput, match="pause one") as caught:
        table.start(1, request="one more")
    assert (caught.value.code, caught.value.param) == ("too_many", "batches")
    assert table.start(1, request="r0") == started[0]
    assert len(table.batches.recent()) == most
    from core.views.batches import BatchPlan

    other_id = table.of("another").start("t", BatchPlan("theirs", MODELS, [("a", None)]))
    table.model.held.clear()
    for batch_id in started:
        table.at_rest(batch_id)
    until(lambda: not table.carrier.running_of(ME))
    table.at_rest(table.start(1, request="one more"))
    assert other_id


def test_many_batches_of_one_person_take_no_more_than_one_of_another() -> None:
    provider = Provider("sim", "Sim", "openai", "https://sim.example", simulated=True)
    slots = Slots()
    own = [f"mine {number}" for number in range(50)]
    for batch in own:
        slots.join("sim", batch, ME)
    slots.join("sim", "theirs", "another")
    for batch in own:
        while slots.room(provider, batch):
            slots.take("sim", batch)
    assert sum(slots._used.values()) == SIMULATED // 2
    assert slots.room(provider, "theirs") == SIMULATED // 2


@pytest.mark.parametrize(
    ("limits", "lanes"),
    [([], 4), ([("at_once", 1)], 1), ([("minute", 30)], 2), ([("minute", 1000)], 4), ([("second", 1)], 1)],
)
def test_as_many_at_once_as_a_provider_takes(limits: list[tuple[str, int]], lanes: int) -> None:
    made = tuple(Limit("account", "requests", per, amount) for per, amount in limits)  # type: ignore[arg-type]
    assert lanes_of(Provider("a", "A", "openai", "https://a.example", limits=made)) == lanes


def test_downloads_hold_everything_and_run_nothing(table: Table) -> None:
    from core.views.batches import BatchPlan

    prompts = [("=1+1", "=1+1"), ("两行\n文字", None)]
    plan = BatchPlan("mine", MODELS, prompts, rule={"kind": "contains"})
    batch_id = table.batches.start("d", plan)
    table.at_rest(batch_id)
    data = table.batches.download(batch_id, "csv")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0]["prompt"] == "'=1+1"
    assert rows[0]["sim/quick answer"] == "you said =1+1"
    assert rows[0]["sim/steady passed"] == "True"
    assert rows[1]["prompt"] == "两行\n文字"
    lines = [json.loads(line) for line in table.batches.download(batch_id, "jsonl").decode().splitlines()]
    assert lines[0]["prompt"] == "=1+1"
    assert [answer["model"] for answer in lines[1]["answers"]] == list(MODELS)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-12.5", "-12.5"),
        ("- a list", "'- a list"),
        ("plain", "plain"),
        (None, ""),
        (7, 7),
    ],
)
def test_a_cell_is_never_a_formula(cell: object, written: object) -> None:
    assert harmless(cell) == written


def test_winding_up_keeps_what_is_in_flight_and_asks_nothing_more(table: Table) -> None:
    table.model.held.set()
    batch_id = table.start(50)
    until(lambda: table.model.calls > 0)
    table.carrier.wind_up()
    assert not table.carrier.is_idle()
    table.model.held.clear()
    until(table.carrier.is_idle)
    made = table.model.calls
    view = table.look(batch_id)
    assert 0 < view.batch.done == made < 100
    table.carrier.give_back()
    successor = table.another()
    successor.begin_work()
    until(lambda: table.batches.get(batch_id).state == "done")
    assert set(table.model.prompts.values()) == {1}
