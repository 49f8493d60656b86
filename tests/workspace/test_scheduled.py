"""Questions that wait for a limit to reset: sent once, in order, put back where the limit moved; nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import BlockedInput, RateLimited
from core.providers.limits import window_at
from core.records import Completion, Timing
from core.store import NotFound, turns
from core.store.columns import to_us
from core.store.scheduled import carrying
from core.views.conversation import ConversationView, File, Turn
from core.views.scheduled import WAITS_H
from core.workspace import Person
from core.workspace.scheduled_carrier import wait_of
from tests.workspace.acme import KEYS, ME, ended, model, table, until, workspace_of
from tests.workspace.limited_server import LimitedServer, limited_server

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)
TWO = ", ".join(map(model, ("one", "two")))


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


class Bench:
    """A workspace with a provider on this computer, and a clock of the carrier's that the test moves."""

    def __init__(self, folder: Path, server: LimitedServer, *limits: str, keys: dict[str, str] = KEYS) -> None:
        self.clock = Clock()
        self.server = server
        more = 'own = false\nauth = "optional"' if not keys else "own = false"
        self.pasted = dict(keys)
        provider = table("acme", server.url, *limits, models=TWO, more=more)
        self.workspace = workspace_of(folder, provider, ROUNDTABLE_UNDO_MINUTES="525600")  # the clock leaps by days
        self.workspace.database.now = self.clock
        self.carrier = self.workspace.scheduled_carrier
        self.carrier._now = lambda connection: to_us(self.clock())
        breaker = self.workspace.admission_control.breaker
        breaker._now, breaker._read_every_s = self.carrier._now, 0.0
        self.carrier._keys_of = lambda owner_id: self.pasted

    @property
    def me(self) -> Person:
        return self.workspace.of(ME, self.pasted)

    def ask(
        self, name: str, *, at: datetime | None = MIDNIGHT, after: turns.Begun | None = None, model_id: str = "acme/one"
    ) -> turns.Begun:
        view = self.view(after.conversation_id) if after else None
        parent_id = after.answer_message_id if after else None
        return self.me.chats.ask(name, name, model_id, view=view, parent_id=parent_id, not_before=at)

    def view(self, conversation_id: str) -> ConversationView:
        return self.me.chats.get(conversation_id)

    def last(self, begun: turns.Begun) -> Turn:
        return self.view(begun.conversation_id).turns[-1]

    def move(self, to: datetime) -> None:
        self.clock.at = to
        self.carrier.nudge()

    def tries(self) -> int:
        """Of the one that goes first."""
        return next((entry.tries for entry in self.me.scheduled.waiting()), 0)

    def waits(self) -> list[str]:
        return [entry.request_id for entry in self.me.scheduled.waiting()]


@pytest.fixture
def limited() -> Iterator[LimitedServer]:
    with limited_server() as server:
        yield server


@pytest.fixture
def bench(tmp_path: Path, limited: LimitedServer) -> Bench:
    made = Bench(tmp_path, limited)
    made.workspace.begin_work()
    return made


def test_it_waits_and_is_sent_at_the_reset(bench: Bench) -> None:
    begun = bench.ask("first")
    turn = bench.last(begun)
    assert (turn.prompt, turn.state, turn.completion) == ("first", "scheduled", None)
    assert bench.me.chats.progress("first").completion is None
    (entry,) = bench.me.scheduled.waiting()
    assert (entry.first_words, entry.not_before, entry.model_id) == ("first", MIDNIGHT, "acme/one")
    bench.move(MIDNIGHT - timedelta(seconds=1))
    assert bench.server.asked == []
    bench.move(MIDNIGHT)
    assert ended(bench.workspace, "first").text == "To first"
    assert bench.last(begun).state == "done"
    assert bench.waits() == []
    until(lambda: carried(bench) == 0)
    bench.move(MIDNIGHT + timedelta(hours=1))
    assert bench.server.asked == ["first"]


def carried(bench: Bench) -> int:
    from sqlalchemy import func, select

    from core.store.scheduled.tables import scheduled

    with bench.workspace.database.read() as connection:
        return int(
            connection.execute(
                select(func.count()).select_from(scheduled).where(scheduled.c.owner_id == ME)
            ).scalar_one()
        )


def test_in_the_order_in_which_they_were_queued(bench: Bench) -> None:
    names = [f"question {number}" for number in range(8)]
    for name in names:
        bench.ask(name, model_id="acme/one" if int(name[-1]) % 3 else "acme/two")
    bench.move(MIDNIGHT)
    for name in names:
        ended(bench.workspace, name)
    assert bench.server.asked == names


def test_a_double_click_queues_one(bench: Bench) -> None:
    assert bench.ask("first").fresh
    assert not bench.ask("first").fresh
    assert bench.waits() == ["first"]


def test_a_second_question_in_the_chat_goes_after_the_first_and_knows_its_answer(bench: Bench) -> None:
    first = bench.ask("first")
    second = bench.ask("second", at=None, after=first)
    assert bench.last(second).state == "scheduled"
    assert [turn.prompt for turn in bench.view(first.conversation_id).turns] == ["first", "second"]
    assert [entry.follows for entry in bench.me.scheduled.waiting()] == [None, first.answer_message_id]
    release = bench.server.hold("first")
    bench.move(MIDNIGHT)
    until(lambda: bench.server.asked == ["first"])
    release.set()
    ended(bench.workspace, "second")
    assert bench.server.bodies[1] == ["first", "To first", "second"]


def test_files_and_settings_of_the_moment_go_with_it(bench: Bench) -> None:
    generation = ConversationView("x").generation.with_apart({"system": "Be brief.", "temperature": 0.5})
    bench.me.chats.ask(
        "r", "look", "acme/one", generation=generation, files=[File("a.txt", "inside")], not_before=MIDNIGHT
    )
    bench.move(MIDNIGHT)
    ended(bench.workspace, "r")
    assert bench.server.bodies[0][0] == "Be brief."
    assert "inside" in bench.server.bodies[0][1]


def test_a_limit_that_moved_puts_it_back_and_after_three_times_it_fails(bench: Bench) -> None:
    begun = bench.ask("first")
    bench.ask("second", model_id="acme/one")
    bench.server.refuse = lambda question: 3600.0
    at = MIDNIGHT
    for attempt in range(1, 4):
        bench.move(at)
        until(lambda: bench.tries() == attempt)  # noqa: B023 - it is over when the loop goes on
        entries = bench.me.scheduled.waiting()
        assert [entry.request_id for entry in entries] == ["first", "second"]
        assert {entry.not_before for entry in entries} == {at + timedelta(hours=1)}
        assert bench.last(begun).state == "scheduled"
        at += timedelta(hours=1)
    bench.move(at)
    completion = ended(bench.workspace, "first")
    assert completion.error
    assert (completion.error.kind, completion.error.retry_after_s) == ("rate_limited", 3600.0)
    assert bench.server.calls["first"] == 4
    calls = bench.me.quota.calls(NOON - timedelta(days=3650))
    assert sum(call.outcome == "rate_limited" for call in calls) >= 4


def refusal(wait_s: float, *, sent: bool) -> Completion:
    error = RateLimited("Rate limit reached.", retry_after_s=wait_s)
    error.sent = sent
    return Completion("acme/one", "", "", None, None, Timing(NOON), error=error)


def test_the_pace_of_a_minute_is_no_try_and_holds_the_whole_pool(tmp_path: Path, limited: LimitedServer) -> None:
    bench = Bench(tmp_path, limited)
    for name, model_id in (("q0", "acme/one"), ("q1", "acme/two"), ("q2", "acme/one")):
        bench.ask(name, model_id=model_id)
    bench.clock.at = MIDNIGHT
    database, process = bench.workspace.database, bench.workspace.process
    for wait_s, counts, held in ((40.0, False, ["q0", "q1", "q2"]), (4000.0, True, ["q0", "q2"])):
        (due, *_) = carrying.look(database, process, now=bench.carrier._now).due
        assert due.request_id == "q0"
        assert carrying.claim(database, process, due)
        wait = wait_of(due, refusal(wait_s, sent=counts))
        assert wait
        assert (wait.s, wait.counts) == (wait_s, counts)
        assert carrying.put_back(
            database,
            process,
            ME,
            "q0",
            refusal(wait_s, sent=counts),
            wait_us=int(wait.s * 1_000_000),
            counts=wait.counts,
            now=bench.carrier._now,
        )
        later = bench.clock.at + timedelta(seconds=wait_s)
        entries = bench.me.scheduled.waiting()
        assert [entry.request_id for entry in entries if entry.not_before == later] == held
        bench.clock.at += timedelta(seconds=40)


def test_cancel_keeps_its_place_and_sends_nothing(bench: Bench) -> None:
    begun = bench.ask("first")
    assert bench.me.scheduled.cancel("first")
    turn = bench.last(begun)
    assert (turn.state, turn.completion and turn.completion.finish and turn.completion.finish.raw) == (
        "stopped",
        "cancelled",
    )
    assert not bench.me.scheduled.cancel("first")
    bench.move(MIDNIGHT)
    bench.me.chats.again("again", bench.view(begun.conversation_id), bench.last(begun), "acme/one")
    ended(bench.workspace, "again")
    assert bench.server.asked == ["first"]


def test_send_now_asks_at_once(bench: Bench) -> None:
    bench.ask("first")
    bench.ask("second")
    assert bench.me.scheduled.send_now("second")
    ended(bench.workspace, "second")
    assert bench.server.asked == ["second"]
    assert bench.waits() == ["first"]


def test_a_refused_send_now_is_no_try_and_is_told_as_such(bench: Bench) -> None:
    bench.server.refuse = lambda question: 3600.0
    bench.ask("first")
    assert bench.me.scheduled.send_now("first")
    until(lambda: any(entry.early for entry in bench.me.scheduled.waiting()))
    assert (bench.server.asked, bench.tries()) == (["first"], 0)
    bench.move(NOON + timedelta(hours=2))
    until(lambda: bench.tries() == 1)
    assert not bench.me.scheduled.waiting()[0].early


def test_another_person_neither_sees_nor_touches_it(bench: Bench) -> None:
    bench.ask("first")
    other = bench.workspace.of("somebody else", KEYS).scheduled
    assert other.waiting() == []
    assert not other.cancel("first")
    assert not other.send_now("first")
    assert bench.waits() == ["first"]


def test_a_deleted_chat_takes_its_question_along_and_undo_brings_it_back(bench: Bench) -> None:
    restored, removed = bench.ask("kept"), bench.ask("gone")
    for begun in (restored, removed):
        bench.me.history.remove(begun.conversation_id)
    assert bench.waits() == []
    bench.me.history.restore(restored.conversation_id)
    bench.move(MIDNIGHT)
    ended(bench.workspace, "kept")
    until(lambda: carried(bench) == 0)
    bench.me.history.restore(removed.conversation_id)
    assert bench.last(removed).state == "stopped"
    assert bench.server.asked == ["kept"]


def test_no_more_than_the_cap_wait_and_the_question_is_not_lost(tmp_path: Path, limited: LimitedServer) -> None:
    bench = Bench(tmp_path, limited)
    bench.workspace.engine.settings.__dict__["scheduled_questions"] = 2
    bench.ask("first")
    bench.ask("second")
    with pytest.raises(BlockedInput, match="At most 2 questions can wait"):
        bench.ask("third")
    assert bench.waits() == ["first", "second"]
    bench.me.scheduled.cancel("first")
    bench.ask("third")
    assert bench.waits() == ["second", "third"]


def test_a_pasted_key_that_is_gone_is_waited_for(bench: Bench) -> None:
    begun, keys = bench.ask("first"), bench.pasted
    bench.pasted = {}
    bench.move(MIDNIGHT)
    (entry,) = bench.me.scheduled.waiting()
    assert bench.me.scheduled.lacks_key(entry)
    assert bench.last(begun).state == "scheduled"
    bench.pasted = keys
    assert not bench.me.scheduled.lacks_key(entry)
    bench.me.scheduled.look_again()
    assert ended(bench.workspace, "first").text == "To first"


def test_those_that_wait_for_a_key_hold_up_nobody_else(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "LOOKED_AT", 2)
    for name in ("first", "second"):
        bench.ask(name)
    bench.ask("without a key", model_id="sim/quick")
    bench.pasted.clear()
    bench.move(MIDNIGHT)
    assert ended(bench.workspace, "without a key").text
    assert len(bench.me.scheduled.waiting()) == 2


def test_after_a_day_and_a_half_without_the_key_it_ends_with_a_sentence(bench: Bench) -> None:
    begun = bench.ask("first")
    bench.pasted = {}
    bench.move(NOON + timedelta(hours=WAITS_H))
    until(lambda: bench.last(begun).state == "failed")
    completion = bench.last(begun).completion
    assert completion
    assert completion.error
    assert (completion.error.kind, completion.error.code) == ("missing_key", "expired")
    assert completion.error.message == "This question waited 36 hours for your Acme key, and was not sent."
    assert bench.server.asked == []


def test_what_follows_a_question_that_failed_is_not_sent(bench: Bench) -> None:
    first = bench.ask("first")
    second = bench.ask("second", at=None, after=first)
    bench.pasted = {}
    bench.move(NOON + timedelta(hours=WAITS_H))
    until(lambda: bench.last(second).state == "failed")
    assert bench.server.asked == []


def test_a_day_with_25_hours_is_a_day(bench: Bench) -> None:
    los_angeles = datetime(2026, 11, 1, 7, 0, 1, tzinfo=UTC)  # the day on which summer time ends there has begun
    _, reset = window_at("day", "America/Los_Angeles", los_angeles)
    bench.clock.at = los_angeles
    bench.ask("first", at=reset)
    assert reset == datetime(2026, 11, 2, 8, tzinfo=UTC)
    with pytest.raises(ValueError, match="at most a day"):
        bench.ask("second", at=reset + timedelta(seconds=10))


def test_of_a_comparison_only_the_limited_lane_waits(bench: Bench) -> None:
    run_id = bench.me.comparisons.start("c", "Hi", ["acme/one", "acme/two"], later={0: MIDNIGHT})
    assert ended(bench.workspace, "c-1").text == "To Hi"
    run = bench.me.comparisons.get(run_id)
    assert [lane.turns[-1].state for lane in run.lanes] == ["scheduled", "done"]
    (entry,) = bench.me.scheduled.waiting()
    assert (entry.run_id, entry.conversation_id) == (run_id, run.lanes[0].id)
    bench.me.comparisons.go_on("d", run, "More")
    ended(bench.workspace, "d-1")
    assert bench.waits() == ["c-0", "d-0"]
    bench.move(MIDNIGHT)
    assert ended(bench.workspace, "d-0").text == "To More"
    assert bench.server.bodies[-1] == ["Hi", "To Hi", "More"]


def test_a_lane_that_was_taken_out_is_not_asked(bench: Bench) -> None:
    run_id = bench.me.comparisons.start("c", "Hi", ["acme/one", "acme/two"], later={0: MIDNIGHT})
    ended(bench.workspace, "c-1")
    bench.me.comparisons.take_out(bench.me.comparisons.get(run_id).lanes[0])
    assert bench.waits() == []
    bench.move(MIDNIGHT)
    until(lambda: carried(bench) == 0)
    assert bench.server.asked == ["Hi"]


def test_a_refused_question_can_be_queued_as_another_answer(bench: Bench) -> None:
    bench.server.refuse = lambda question: 40_000.0
    begun = bench.ask("first", at=None)
    assert isinstance(ended(bench.workspace, "first"), Completion)
    view = bench.view(begun.conversation_id)
    bench.me.chats.again("again", view, view.turns[-1], "acme/one", not_before=MIDNIGHT)
    assert [turn.state for turn in bench.view(begun.conversation_id).turns] == ["scheduled"]
    bench.server.refuse = lambda question: None
    bench.move(MIDNIGHT)
    until(lambda: bench.last(begun).state in ("done", "scheduled") and bench.server.calls["first"] >= 2)
    assert ended(bench.workspace, "again").text == "To first"


def test_a_refused_question_queued_in_two_tabs_waits_once(bench: Bench) -> None:
    bench.server.refuse = lambda question: 40_000.0
    begun = bench.ask("first", at=None)
    assert isinstance(ended(bench.workspace, "first"), Completion)
    view = bench.view(begun.conversation_id)
    chats, turn = bench.me.chats, view.turns[-1]
    first = chats.again("tab one", view, turn, "acme/one", not_before=MIDNIGHT)
    second = chats.again("tab two", view, turn, "acme/one", not_before=MIDNIGHT)
    other = chats.again("another model", view, turn, "acme/two", not_before=MIDNIGHT)
    assert (second.answer_message_id, second.fresh) == (first.answer_message_id, False)
    assert [entry.request_id for entry in bench.me.scheduled.waiting()] == ["tab one", "another model"]
    assert other.fresh
    assert bench.me.scheduled.cancel("tab one")
    assert chats.again("once more", view, turn, "acme/one", not_before=MIDNIGHT).fresh


def test_it_can_be_stopped_once_it_runs(bench: Bench) -> None:
    begun = bench.ask("first")
    release = bench.server.hold("first")
    bench.move(MIDNIGHT)
    until(lambda: bench.server.asked == ["first"])
    assert not bench.me.scheduled.cancel("first")
    bench.me.chats.stop("first")
    until(lambda: bench.last(begun).state == "stopped")
    release.set()


def test_the_next_process_sends_it(tmp_path: Path, limited: LimitedServer) -> None:
    before = Bench(tmp_path, limited)
    before.ask("first")
    after = Bench(tmp_path, limited)
    after.workspace.begin_work()
    after.move(MIDNIGHT)
    assert ended(after.workspace, "first").text == "To first"


def test_a_purged_chat_leaves_no_row(bench: Bench) -> None:
    from core.store import purge

    begun = bench.ask("first")
    bench.me.history.remove(begun.conversation_id)
    purge.purge(bench.workspace.database, NOON + timedelta(days=1))
    assert carried(bench) == 0
    with pytest.raises(NotFound):
        bench.me.scheduled.state("first")


def test_an_export_has_the_question_without_an_answer(bench: Bench) -> None:
    first = bench.ask("first")
    bench.ask("second", at=None, after=first)
    markdown = bench.me.history.export("markdown").decode()
    assert "first" in markdown
    (talk,) = json.loads(bench.me.history.export("json"))["conversations"]
    assert [(message["role"], message["text"], message["state"]) for message in talk["messages"]] == [
        ("user", "first", "done"),
        ("user", "second", "done"),
    ]
    question, follow_up = talk["messages"]
    assert (question["parent_id"], follow_up["parent_id"], talk["leaf_id"]) == (None, question["id"], follow_up["id"])
