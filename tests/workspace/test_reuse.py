"""The same question again costs nothing where a person wants that, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BlockedInput
from core.records import ChatRequest, Completion, Message
from core.store import NotFound
from core.store.quota import cache
from core.views.conversation import GenerationSettings
from core.workspace.admission_control import DatabaseAdmissionControl
from core.workspace.reuse import Reuse
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, answer, counted, ended, per, settled, table, until, workspace_of

DAY = per("requests", "day", 1000)


@pytest.mark.parametrize(("reuse", "fault", "requests"), [(True, "good", 1), (None, "good", 2), (True, "cut-after", 2)])
def test_an_answer_is_given_again_only_if_it_is_whole_and_wanted(
    tmp_path: Path, server: FaultyServer, reuse: bool | None, fault: str, requests: int
) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url(fault), DAY))
    completions: list[Completion] = []
    for name in ("r1", "r2"):
        workspace.of(ME, KEYS).chats.ask(name, "Hi", "acme/small", generation=GenerationSettings(reuse=reuse))
        completions.append(ended(workspace, name))
        until(lambda: settled(workspace))
    assert completions[0].text == completions[1].text
    assert completions[1].cached is (requests == 1)
    assert [note.kind for note in completions[1].notes] == (["cached"] if requests == 1 else [])
    assert counted(workspace) == (requests, 0)


def test_asking_again_asks(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY))
    started = workspace.of(ME, KEYS).chats.ask("r1", "Hi", "acme/small", generation=GenerationSettings(reuse=True))
    ended(workspace, "r1")
    until(lambda: workspace.of(ME).chats.get(started.conversation_id).turns[0].state == "done")
    view = workspace.of(ME).chats.get(started.conversation_id)
    workspace.of(ME, KEYS).chats.again("r2", view, view.turns[0], "acme/small")
    assert not ended(workspace, "r2").cached
    until(lambda: settled(workspace))
    assert counted(workspace) == (2, 0)


def test_a_question_asked_again_in_a_branch_is_given_its_kept_answer(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY))
    generation = GenerationSettings(reuse=True)
    started = workspace.of(ME, KEYS).chats.ask("r1", "Hi", "acme/small", generation=generation)
    root = started.answer_message_id
    for name, question in (("r2", "And?"), ("r3", "But?"), ("r4", "And?")):
        ended(workspace, "r1" if name == "r2" else f"r{int(name[1]) - 1}")
        view = workspace.of(ME).chats.get(started.conversation_id)
        workspace.of(ME, KEYS).chats.ask(name, question, "acme/small", view=view, parent_id=root, generation=generation)
    completions = [ended(workspace, name) for name in ("r2", "r3", "r4")]
    assert [completion.cached for completion in completions] == [False, False, True]
    until(lambda: settled(workspace))
    assert counted(workspace) == (3, 0)


@pytest.mark.parametrize(
    ("mode", "wish", "listed", "unlisted"),
    [
        ("on", None, 1, 2),
        ("on", True, 1, 1),
        ("faq", True, 1, 2),
        ("off", True, 2, 2),
        ("on", False, 2, 2),
    ],
)
def test_the_installation_says_what_may_be_given_again(
    tmp_path: Path, server: FaultyServer, mode: str, wish: bool | None, listed: int, unlisted: int
) -> None:
    """How often the provider is asked for a question of the list, asked twice in other words, and for another."""
    workspace = workspace_of(
        tmp_path, table("acme", server.url("good"), DAY), ROUNDTABLE_CACHE=mode, ACME_KEY=KEYS["acme"]
    )
    assert workspace.of("admin").faq.mark(["What is a quota?"]) == 1
    results = []
    for words in (("What is a quota?", "what is a QUOTA"), ("Hi", "Hi")):
        before = counted(workspace)[0]
        for number, prompt in enumerate(words):
            workspace.of(ME).chats.ask(
                f"{prompt}-{number}", prompt, "acme/small", generation=GenerationSettings(reuse=wish)
            )
            ended(workspace, f"{prompt}-{number}")
            until(lambda: settled(workspace))
            for proposed in workspace.of("admin").faq.proposed():
                workspace.of("admin").faq.approve(proposed.name, proposed.text)
        results.append(counted(workspace)[0] - before)
    assert results == [listed, unlisted]


def test_a_comparison_always_asks(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY))
    workspace.of("admin").faq.mark(["Hi"])
    for name in ("r1", "r2"):
        workspace.of(ME, KEYS).comparisons.start(name, "Hi", ["acme/small"])
        assert not ended(workspace, f"{name}-0").cached
    until(lambda: settled(workspace))
    assert counted(workspace) == (2, 0)


def test_a_timer_drops_what_is_too_old(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("good"), DAY), ROUNDTABLE_CACHE_MAX_AGE_HOURS="0.000001"
    )
    workspace.of(ME, KEYS).chats.ask("r1", "Hi", "acme/small", generation=GenerationSettings(reuse=True))
    ended(workspace, "r1")
    until(lambda: settled(workspace))
    until(lambda: cache.size_of(workspace.database, ME).answers == 1)

    def dropped() -> bool:
        DatabaseAdmissionControl(
            workspace.database, "p", 60.0, Reuse(workspace.engine, workspace.database)
        ).look_around()
        return cache.size_of(workspace.database, ME).answers == 0

    until(dropped)


def test_a_sync_question_is_given_again_too(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("whole-json"), DAY))
    ask = ChatRequest([Message("user", "Hi")], model_id="acme/small", reuse=True)
    completions = [workspace.engine.complete(ask, KEYS) for _ in range(2)]
    assert [completion.cached for completion in completions] == [False, True]
    assert counted(workspace) == (1, 0)


def test_a_kept_answer_tells_how_it_was_chosen_this_time(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY))
    kinds = []
    for name, model_id in (("r1", "acme/small"), ("r2", "auto"), ("r3", "acme/small")):
        workspace.of(ME, KEYS).chats.ask(name, "Hi", model_id, generation=GenerationSettings(reuse=True))
        completion = ended(workspace, name)
        kinds.append([completion.routing and completion.routing.tier, *(note.kind for note in completion.notes)])
        until(lambda: settled(workspace))
    assert kinds == [[None], ["small", "cached"], [None, "cached"]]


@pytest.mark.parametrize(("pasted", "system", "proposed"), [(False, "", 1), (True, "", 0), (False, "Be rude.", 0)])
def test_nothing_is_proposed_that_is_a_persons_own(
    tmp_path: Path, server: FaultyServer, pasted: bool, system: str, proposed: int
) -> None:
    """Neither what their pasted key paid for, nor what their system prompt shaped; it is kept for them alone."""
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY), ACME_KEY=KEYS["acme"])
    workspace.of("admin").faq.mark(["Hi"])
    generation = GenerationSettings(reuse=True, system=system)
    for name in ("r1", "r2"):
        workspace.of(ME, KEYS if pasted else {}).chats.ask(name, "Hi", "acme/small", generation=generation)
        assert ended(workspace, name).cached is (name == "r2")
        until(lambda: settled(workspace))
    assert len(workspace.of("admin").faq.proposed()) == proposed
    workspace.of("another").chats.ask("r3", "Hi", "acme/small", generation=GenerationSettings(system=system))
    until(lambda: workspace.of("another").chats.progress("r3").completion is not None)
    completion = workspace.of("another").chats.progress("r3").completion
    assert completion
    assert not completion.cached
    assert workspace.of("admin").faq.approved() == []


def test_everybody_gets_what_the_administrator_read_and_nothing_else(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY), ACME_KEY=KEYS["acme"])
    workspace.of("admin").faq.mark(["Hi"])
    workspace.of("first").chats.ask("r1", "Hi", "acme/small")
    until(lambda: bool(workspace.of("admin").faq.proposed()))
    workspace.of("admin").faq.approve(workspace.of("admin").faq.proposed()[0].name, "Hello, edited")
    completion = answer(workspace, "r2", "acme/small", keys={})
    assert (completion.cached, completion.text, completion.reasoning) == (True, "Hello, edited", "")
    assert [note.kind for note in completion.notes] == ["edited", "cached"]
    for bad in ("", "x" * 10_000_000):
        with pytest.raises(BlockedInput):
            workspace.of("admin").faq.approve(workspace.of("admin").faq.approved()[0].name, bad)
    workspace.of("admin").faq.reject(workspace.of("admin").faq.approved()[0].name)
    assert not answer(workspace, "r3", "acme/small", keys={}).cached
    with pytest.raises(NotFound):
        workspace.of("admin").faq.approve("gone", "text")
