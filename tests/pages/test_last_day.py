"""A model's last day from end to end, by a clock that stands still until it is moved: chat, Compare, auto, batch, the
rehearsal and the move to its successor, in the library and on the pages.

The row is the catalogue's own of Gemini, which ends on 2026-12-01; only its address is a server on this computer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.assemble import build
from core.errors import ModelEnded
from core.options import load
from core.records import ChatRequest, Completion, Message, Note
from core.ui import app_state
from core.ui.app_state import AppState
from core.views.batches import BatchPlan, BatchRow, Rehearsal
from core.views.conversation import ConversationView
from core.workspace import Person
from tests.net.faulty_server import FaultyServer
from tests.pages.conftest import ME, in_address, texts
from tests.workspace.acme import until

OLD, NEW, OTHER = "gemini/gemini-2.5-flash", "gemini/gemini-3.5-flash-lite", "gemini/gemini-3.8-flash"
KEY = "gemini-0123456789abcdef"
DAY_BEFORE = datetime(2026, 11, 30, 12, tzinfo=UTC)
LAST_INSTANT = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
DAY_AFTER = datetime(2026, 12, 2, 9, tzinfo=UTC)
SENTENCE = f"gemini-2.5-flash ended on 2026-12-01. Google Gemini may answer by another model and bill that one, so nothing was sent. Its successor is {NEW}."  # noqa: E501


class Clock:
    def __init__(self) -> None:
        self.at = DAY_BEFORE

    def __call__(self) -> datetime:
        return self.at


class Day:
    """The app on that day, and the person whose model ends."""

    def __init__(self, state: AppState, clock: Clock, server: FaultyServer) -> None:
        self.state = state
        self.clock = clock
        self._server = server

    @property
    def person(self) -> Person:
        return self.state.workspace.of(ME, {"gemini": KEY})

    @property
    def calls(self) -> int:
        """How many questions reached the provider."""
        return self._server.calls["good"]

    def ask(self, name: str, view: ConversationView | None = None) -> tuple[Completion, ConversationView]:
        """A question in a chat with the old model, or in this chat with its own; and the chat with its answer."""
        model_id = view.model_id if view else OLD
        parent_id = view.leaf_id if view else None
        begun = self.person.chats.ask(name, f"Explain {name}", model_id, view=view, parent_id=parent_id)
        return self._ended(name), self.person.chats.get(begun.conversation_id)

    def _ended(self, request_id: str) -> Completion:
        until(lambda: self.person.chats.progress(request_id).completion is not None)
        completion = self.person.chats.progress(request_id).completion
        assert completion
        return completion

    def compare(self, name: str) -> list[Completion]:
        run_id = self.person.comparisons.start(name, "Which is better?", [OLD, OTHER])
        until(lambda: not self.person.comparisons.get(run_id).running())
        lanes = self.person.comparisons.get(run_id).lanes
        return [self._ended(lane.turns[-1].request_id) for lane in lanes]

    def batch(self, name: str) -> list[tuple[str, str]]:
        """The (state, error) of the old model's rows."""
        plan = BatchPlan(name, (OLD, NEW), [("One?", "never"), ("Two?", "never")], rule={"kind": "contains"})
        return [(row.items[0].state, row.items[0].error) for row in self.rows(self.person.batches.start(name, plan))]

    def rows(self, batch_id: str) -> list[BatchRow]:
        until(lambda: not self.person.batches.get(batch_id).carried)
        return self.person.batches.page(batch_id)

    def auto(self) -> set[str]:
        """All that "auto" and a failed model's fallback would ask."""
        engine, keys = self.state.engine, {"gemini": KEY}
        routed = {
            choice.model.id
            for size in ("small", "big")
            for choice in engine.router.route(ChatRequest((Message("user", "Hi"),), f"auto/{size}"), keys, ME).models
        }
        return routed | {choice.model.id for choice in engine.directory.choices(keys)}


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: FaultyServer, shared: AppState) -> Iterator[Day]:
    """The app with a key for Gemini, at noon of the day before."""
    del shared  # its owner and its cleaning up, not its engine
    clock = Clock()
    (tmp_path / ".streamlit").mkdir()
    table = f'[gemini]\nwire = "openai"\nauth = "bearer"\nbase_url = "{server.url("good")}"\nlimits = []\nown = false\n'
    (tmp_path / ".streamlit" / "providers.toml").write_text(table, encoding="utf-8")
    settings = load(environ={"ROUNDTABLE_LOCAL_SERVERS": "false"}, secrets={}, folder=tmp_path)
    state = AppState(build(settings, folder=tmp_path, now=clock))
    monkeypatch.setattr(app_state, "_app_state", state)
    assert state.pasted_keys.keep(ME, "gemini", KEY)
    state.open()
    yield Day(state, clock, server)
    state.close()


def refused(completion: Completion) -> bool:
    """That it was told with the successor, and nothing was sent."""
    error = completion.error
    return isinstance(error, ModelEnded) and (error.message, error.code) == (SENTENCE, NEW) and not completion.text


def shown(at: AppTest) -> str:
    """All texts of the page, without the signs that keep Markdown from reading them."""
    return texts(at).replace("\\", "")


def popovers(at: AppTest) -> str:
    """The labels of all popovers, the model picker among them."""
    labels, blocks = list[str](), [*at.main.children.values()]
    while blocks:
        block = blocks.pop()
        if block.type == "popover":
            labels.append(block.proto.popover.label)
        blocks += getattr(block, "children", {}).values()
    return "\n".join(labels)


def test_the_last_day_of_a_model(day: Day, open_page: Callable[..., AppTest]) -> None:
    # The day before: it answers everywhere, and its end is announced.
    answer, chat = day.ask("tides")
    assert (answer.error, answer.model_id, chat.model_id) == (None, OLD, OLD)
    assert [(lane.error, lane.model_id) for lane in day.compare("c1")] == [(None, OLD), (None, OTHER)]
    assert day.batch("b1") == [("done", ""), ("done", "")]
    assert OLD in day.auto()
    at = open_page(c=chat.id)
    assert ":orange-badge[ends tomorrow]" in popovers(at)
    at = open_page("providers")
    assert any("You asked it 2 questions" in link.proto.label for link in at.get("page_link"))

    # It is rehearsed: both questions, by the named successor, free ones like it, and the old model as a yardstick.
    at = open_page("batch", rehearse=OLD)
    assert not at.exception
    assert ":orange[gemini-2.5-flash ends tomorrow.] You asked it 2 questions." in shown(at)
    chosen = at.multiselect(key=f"rehearse-models-{OLD}").value
    assert (chosen[0], chosen[-1]) == (NEW, OLD)
    assert 3 <= len(chosen) <= 4
    at.button(key="batch-start").click().run()
    assert not at.exception
    rehearsal_id = in_address(at, "batch")
    rows = day.rows(rehearsal_id)
    assert {row.prompt for row in rows} == {"Explain tides", "Which is better?"}
    assert {item.state for row in rows for item in row.items.values()} == {"done"}
    at.run()
    assert "**100\u00a0%** alike to the old answers on average (n = 2)" in texts(at)  # this provider never varies

    # One second before midnight nothing has changed.
    day.clock.at = LAST_INSTANT
    answer, chat = day.ask("waves", chat)
    assert (answer.error, answer.model_id) == (None, OLD)

    # From the first instant of its last date nobody asks it any more, and everybody says so.
    day.clock.at = END
    calls = day.calls
    answer, chat = day.ask("currents", chat)
    assert (answer.error, answer.model_id, answer.notes) == (None, NEW, (Note("failed_over", OLD),))
    lane, other = day.compare("c2")
    assert refused(lane)
    assert (other.error, other.model_id) == (None, OTHER)
    assert {error for _state, error in day.batch("b2")} == {SENTENCE}
    assert day.calls == calls + 1 + 1 + 2  # the successor in the chat, the other column, two rows of the successor
    assert OLD not in day.auto()
    at = open_page(c=chat.id)
    assert "gemini-3.5-flash-lite" in shown(at)

    # It can still be rehearsed, against the answers that were kept; the old model is not among those to ask.
    at = open_page("batch", rehearse=OLD)
    assert "gemini-2.5-flash ended on 2026-12-01." in shown(at)
    assert OLD not in at.multiselect(key=f"rehearse-models-{OLD}").value
    assert NEW in at.multiselect(key=f"rehearse-models-{OLD}").value

    # The day after: one click moves what would still ask it, tells what, and can be undone.
    day.clock.at = DAY_AFTER
    day.person.chats.configure(chat.id, model_id=OLD)
    at = open_page("batch", rehearse=OLD)
    assert "1 chat, 2 columns of comparisons, the default of new chats" in shown(at)
    at.selectbox(key=f"move-to-{OLD}").set_value(NEW).run()
    at.button(key="move").click().run()
    assert not at.exception
    assert "Moved from" in shown(at)
    answer, chat = day.ask("dunes", day.person.chats.get(chat.id))
    assert (answer.error, answer.model_id, answer.notes) == (None, NEW, ())
    assert day.person.model_moves.standing() == {OLD: NEW}
    at.button(key="move-undo").click().run()
    assert not at.exception
    assert day.person.model_moves.standing() == {}
    assert {lane.model_id for lane in _lanes(day)} == {OLD, OTHER}


def _lanes(day: Day) -> list[ConversationView]:
    runs = [entry for entry in day.person.history.recent(50).entries if entry.kind == "comparison"]
    return [lane for run in runs for lane in day.person.comparisons.get(run.id).lanes]


def test_a_rehearsal_that_crosses_midnight_ends_with_the_sentence(day: Day) -> None:
    """Rows of the old model that were not asked in time say so; the successor's are answered."""
    day.ask("tides")
    day.clock.at = END
    plan_rows = day.person.rehearsals.questions(OLD, 5)
    plan = BatchPlan(
        "r", (OLD, NEW), [(each.prompt, None) for each in plan_rows], rehearsal=Rehearsal(OLD), past=plan_rows
    )
    (row,) = day.rows(day.person.batches.start("r", plan))
    assert row.items[0].error == SENTENCE
    assert (row.items[1].state, row.items[1].likeness) == ("done", 1.0)


def test_a_successor_without_a_key_is_named_with_what_to_do(day: Day, open_page: Callable[..., AppTest]) -> None:
    day.ask("tides")
    day.state.pasted_keys.forget(ME, "gemini")
    at = open_page("batch", rehearse=OLD)
    assert not at.exception
    assert "gemini-3.5-flash-lite is the named successor, but there is no working key for Google Gemini." in shown(at)
    assert "Add a key" in [link.proto.label for link in at.get("page_link")]
    assert at.button(key="batch-start").disabled == (not at.multiselect(key=f"rehearse-models-{OLD}").value)
    assert OLD not in at.multiselect(key=f"rehearse-models-{OLD}").value


def test_a_rehearsal_that_was_cancelled_keeps_what_it_has(day: Day, open_page: Callable[..., AppTest]) -> None:
    day.ask("tides")
    past = day.person.rehearsals.questions(OLD, 5)
    plan = BatchPlan("r", (NEW,), [(past[0].prompt, None)], rehearsal=Rehearsal(OLD, blind=True), past=past)
    batch_id = day.person.batches.start("r", plan)
    day.person.batches.cancel(batch_id)
    until(lambda: not day.person.batches.get(batch_id).carried)
    at = open_page("batch", batch=batch_id)
    assert not at.exception
    left = day.person.rehearsals.open_pairs(day.person.batches.get(batch_id))
    assert ("There is no further pair to vote on." in texts(at)) == (not left)
    at.button(key="rehearse-reveal").click().run()
    assert not at.exception
    assert len(at.dataframe[0].value) == 1
