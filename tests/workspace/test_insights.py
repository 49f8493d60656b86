"""Reading a person's own log: once, then what is new; what is deleted is forgotten; nobody reads another's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.insight import question_topics
from core.store import Health, Unavailable, own_messages
from core.workspace import Workspace
from core.workspace import insights as reading
from core.workspace.insights import InsightReader, LogReading
from tests.workspace.acme import until
from tests.workspace.test_workspace import workspace_in


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path, speed="1000")


@pytest.fixture
def reader(workspace: Workspace) -> Iterator[InsightReader]:
    """One that reads at every look."""
    made = InsightReader(workspace.database, clock=iter(range(0, 10**9, 1000)).__next__)
    yield made
    made.close()


def end(reader: InsightReader, owner_id: str = "me") -> LogReading:
    until(lambda: not reader._readings[owner_id].look.is_reading)
    return reader._readings[owner_id].look


def read(reader: InsightReader, owner_id: str = "me") -> LogReading:
    reader.look(owner_id)
    return end(reader, owner_id)


def ask(workspace: Workspace, request_id: str, text: str, owner_id: str = "me", **more: Any) -> str:
    chats = workspace.of(owner_id).chats
    conversation_id = chats.ask(request_id, text, "sim/quick", **more).conversation_id
    until(lambda: bool(chats.progress(request_id).completion))
    return conversation_id


def test_only_what_is_new_is_read(workspace: Workspace, reader: InsightReader, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(workspace, "r1", "How do tides work?")
    first = read(reader)
    assert first.done
    assert first.findings
    assert first.findings.questions == 1
    assert [each.calls for each in first.calls] == [1]
    ids_read: list[list[str]] = []
    original = own_messages.read
    monkeypatch.setattr(
        own_messages,
        "read",
        lambda database, owner_id, ids: ids_read.append(list(ids)) or original(database, owner_id, ids),
    )
    assert read(reader).findings is first.findings
    assert ids_read == []
    new = ask(workspace, "r2", "What is a monad?")
    second = read(reader)
    assert ids_read == [[new]]
    assert second.findings
    assert second.findings.questions == 2
    assert second.findings.models[0].answers == 2


def test_what_is_deleted_is_forgotten_and_what_comes_back_is_read(workspace: Workspace, reader: InsightReader) -> None:
    first_id, deleted = ask(workspace, "r1", "How do tides work?"), ask(workspace, "r2", "How do tides work")
    findings = read(reader).findings
    assert findings
    assert [group.n for group in findings.repeated] == [2]
    history = workspace.of("me").history
    history.remove(deleted)
    findings = read(reader).findings
    assert findings
    assert (findings.questions, findings.repeated) == (1, ())
    history.restore(deleted)
    findings = read(reader).findings
    assert findings
    assert findings.questions == 2
    history.remove(first_id)
    history.remove(deleted)
    look = read(reader)
    assert look.done
    assert look.findings is None


def test_a_comparison_asks_once_however_many_columns_it_has(workspace: Workspace, reader: InsightReader) -> None:
    person = workspace.of("me")
    person.comparisons.start("r1", "How do tides work?", ["sim/quick", "sim/steady"])
    until(lambda: not workspace.jobs.running())
    findings = read(reader).findings
    assert findings
    assert (findings.questions, findings.conversations, findings.repeats) == (1, 1, 0)
    assert sorted(row.model_id for row in findings.models) == ["sim/quick", "sim/steady"]


def test_nobody_reads_what_another_wrote(workspace: Workspace, reader: InsightReader) -> None:
    ask(workspace, "r1", "How do tides work?", "ana")
    assert read(reader, "ben").findings is None
    findings = read(reader, "ana").findings
    assert findings
    assert findings.questions == 1


def test_two_tabs_share_a_reading(workspace: Workspace, reader: InsightReader, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(workspace, "r1", "How do tides work?")
    may_go_on, calls = threading.Event(), []
    original = own_messages.conversations_of

    def slow(*arguments: Any) -> Any:
        calls.append(arguments)
        may_go_on.wait(30)
        return original(*arguments)

    monkeypatch.setattr(own_messages, "conversations_of", slow)
    assert reader.look("me").is_reading
    assert reader.look("me").is_reading
    may_go_on.set()
    assert end(reader).findings
    assert len(calls) == 1


def test_a_failure_is_told_and_the_next_look_tries_again(
    workspace: Workspace, reader: InsightReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(workspace, "r1", "How do tides work?")

    def failing(error: Exception) -> Callable[..., Any]:
        def fail(*_: Any) -> Any:
            raise error

        return fail

    for error in (Unavailable(Health("down")), ValueError("a fault")):
        with monkeypatch.context() as patch:
            patch.setattr(own_messages, "read", failing(error))
            look = read(reader)
        assert look.error
        assert not look.is_reading
        assert look.findings is None
    assert read(reader).findings
    assert reader._readings["me"].look.error is None


def test_closing_ends_a_reading(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        ask(workspace, f"r{number}", f"Question {number} about tides")
    monkeypatch.setattr(reading, "AT_ONCE", 1)
    begun, stopped = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        begun.set()
        stopped.wait(30)

    reader = InsightReader(workspace.database, sleep=sleep)
    reader.look("me")
    begun.wait(30)
    closing = threading.Thread(target=reader.close)
    closing.start()
    until(reader._stopped.is_set)
    stopped.set()
    closing.join(30)
    assert not closing.is_alive()
    assert not reader._readings["me"].look.done


def test_without_the_library_topics_are_found_too(
    workspace: Workspace, reader: InsightReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question_topics, "library", lambda: None)
    themes = ("git commit", "git rebase", "pasta sauce", "pasta dinner")
    for number in range(8):
        ask(workspace, f"r{number}", f"Explain {themes[number % 4]} {'again' * (number > 3)} {'abcdefgh'[number] * 3}")
    findings = read(reader).findings
    assert findings
    assert not findings.by_library
    assert any("git" in term for topic in findings.topics for term in topic.terms)
    shown = findings.topics[0].examples[0]
    assert findings.texts[shown.id].startswith("Explain")


def test_a_blind_comparison_names_its_models_once_they_are_shown(workspace: Workspace, reader: InsightReader) -> None:
    person = workspace.of("me")
    run_id = person.comparisons.start("r1", "How do tides work?", ["sim/quick", "sim/steady"], blind=True)
    until(lambda: not workspace.jobs.running())
    look = read(reader)
    assert look.findings
    assert (look.findings.questions, look.findings.models, look.calls) == (1, (), ())
    assert read(reader).findings is look.findings
    person.votes.reveal(run_id)
    look = read(reader)
    assert look.findings
    assert len(look.findings.models) == len(look.calls) == 2


def test_who_erases_everything_is_forgotten_at_once(workspace: Workspace) -> None:
    ask(workspace, "r1", "How do tides work?")
    person, reader = workspace.of("me"), workspace.insight_reader
    person.insights.look()
    assert end(reader).findings
    person.history.erase_everything()
    assert "me" not in reader._readings
    look = person.insights.look()
    assert look.findings is None
