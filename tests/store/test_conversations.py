"""The history: order, pages, names, pins, deletion and its undo; long conversations; comparisons; settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.store import Changed, NotFound, conversations, purge, runs, settings, tree, turns
from core.store.conversations import title_of
from core.store.database import Database
from core.views.history import Page
from tests.store.conftest import OWNER, START, answer

Say = Callable[..., turns.Begun]


def titles(page: Page) -> list[str]:
    return [entry.title for entry in page.entries]


def test_the_history_is_newest_first_with_pinned_on_top(database: Database, say: Say) -> None:
    begun = [say(f"r{number}", f"Question {number}", "Yes.") for number in range(5)]
    say("other", "Not mine", "No.", owner="ben")
    conversations.pin(database, OWNER, begun[1].conversation_id)
    page = conversations.recent(database, OWNER)
    assert titles(page) == ["Question 1", "Question 4", "Question 3", "Question 2", "Question 0"]
    assert page.following is None
    assert conversations.count(database, OWNER) == 5


def test_pages_follow_each_other_without_gap_or_overlap(database: Database, say: Say) -> None:
    for number in range(7):
        begun = say(f"r{number}", f"Question {number}")
        if number in (2, 5):
            conversations.pin(database, OWNER, begun.conversation_id)
    seen: list[str] = []
    after = None
    while True:
        page = conversations.recent(database, OWNER, limit=3, after=after)
        seen += titles(page)
        after = page.following
        if after is None:
            break
    assert [title[-1] for title in seen] == list("5264310")
    with pytest.raises(NotFound):
        conversations.recent(database, OWNER, after="no cursor")


def test_renaming_and_pinning_notice_a_change_elsewhere(database: Database, say: Say) -> None:
    talk_id = say("r1", "Hi", "Yes.").conversation_id
    version = conversations.get(database, OWNER, talk_id).version
    assert conversations.rename(database, OWNER, talk_id, "  Moon \n talk ", version=version) == version + 1
    with pytest.raises(Changed):
        conversations.pin(database, OWNER, talk_id, version=version)
    entry = conversations.get(database, OWNER, talk_id)
    assert (entry.title, entry.title_by_person, entry.pinned) == ("Moon talk", True, False)
    conversations.configure(database, OWNER, talk_id, system="Be brief.", settings={"temperature": 0.5})
    assert conversations.get(database, OWNER, talk_id).settings == {"temperature": 0.5}
    say("r2", "A new question", after=None)
    assert conversations.get(database, OWNER, talk_id).title == "Moon talk"


def test_deleting_can_be_undone_until_it_is_purged(database: Database, say: Say) -> None:
    talk_id = say("r1", "Hi", "Yes.").conversation_id
    conversations.remove(database, OWNER, talk_id)
    assert titles(conversations.recent(database, OWNER)) == []
    with pytest.raises(NotFound):
        tree.path(database, OWNER, talk_id)
    conversations.restore(database, OWNER, talk_id)
    assert titles(conversations.recent(database, OWNER)) == ["Hi"]
    conversations.remove(database, OWNER, talk_id)
    assert purge.purge(database, START) == 0
    assert purge.purge(database, START + timedelta(days=1)) == 1
    with pytest.raises(NotFound):
        conversations.restore(database, OWNER, talk_id)


@pytest.mark.parametrize(
    "change",
    [
        lambda d, i: conversations.get(d, "ben", i),
        lambda d, i: conversations.rename(d, "ben", i, "Mine"),
        lambda d, i: conversations.pin(d, "ben", i),
        lambda d, i: conversations.configure(d, "ben", i, system="x"),
        lambda d, i: conversations.remove(d, "ben", i),
        lambda d, i: conversations.restore(d, "ben", i),
        lambda d, i: tree.select_branch(d, "ben", i, i),
        lambda d, i: tree.path(d, "ben", i),
    ],
)
def test_another_owner_finds_nothing(database: Database, say: Say, change: Callable[[Database, str], object]) -> None:
    talk_id = say("r1", "Hi", "Yes.").conversation_id
    with pytest.raises(NotFound):
        change(database, talk_id)
    assert conversations.get(database, OWNER, talk_id).title == "Hi"


def test_a_new_conversation_is_named_by_its_first_question(database: Database) -> None:
    empty = conversations.create(database, OWNER, system="Be brief.")
    assert empty.title == ""
    turns.begin(database, OWNER, turns.NewTurn("r1", "## What now?", conversation_id=empty.id), owner_process="p")
    assert conversations.get(database, OWNER, empty.id).title == "What now?"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", ""),
        ("\n\n  # Hello  world \nmore", "Hello world"),
        ("word " * 30, "word word word word word word word word word word word word…"),
        ("字" * 100, "字" * 60 + "…"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert title_of(text) == title


def test_a_long_conversation_opens_at_its_end_and_lands_on_any_message(database: Database, say: Say) -> None:
    begun, first = None, None
    for number in range(30):
        begun = say(f"r{number}", f"Question {number}", f"Answer {number}", after=begun)
        first = first or begun
    assert begun
    assert first
    branch = tree.path(database, OWNER, begun.conversation_id, limit=6)
    assert [turn.text for turn in branch.turns][:2] == ["Question 27", "Answer 27"]
    assert branch.earlier == 54
    landed = tree.path(database, OWNER, begun.conversation_id, limit=6, at=first.answer_message_id)
    assert landed.leaf_id == begun.answer_message_id
    assert first.answer_message_id in {turn.id for turn in landed.turns}
    assert landed.earlier == 0


def test_landing_on_a_message_of_another_branch_shows_that_branch(database: Database, say: Say) -> None:
    first = say("r1", "One", "Answer one.")
    hidden = say("r2", "Two", "Answer two.", after=first)
    say("r3", "Two, edited", "Another.", after=first)
    landed = tree.path(database, OWNER, first.conversation_id, at=hidden.user_message_id)
    assert [turn.text for turn in landed.turns] == ["One", "Answer one.", "Two", "Answer two."]


def test_an_empty_conversation_has_an_empty_branch(database: Database) -> None:
    empty = conversations.create(database, OWNER)
    branch = tree.path(database, OWNER, empty.id)
    assert (branch.turns, branch.earlier, branch.leaf_id) == ((), 0, None)


def test_a_comparison_is_one_entry_and_its_lanes_are_conversations(database: Database) -> None:
    run_id, lanes = runs.create(database, OWNER, "c1", ["a/one", "b/two"], prompt="Which is best?")
    assert runs.create(database, OWNER, "c1", ["a/one", "b/two"])[0] == run_id
    for lane in lanes:
        request = f"c1-{lane.position}"
        turns.begin(
            database,
            OWNER,
            turns.NewTurn(request, "Which is best?", conversation_id=lane.conversation_id),
            owner_process="p",
        )
        turns.finish(database, OWNER, request, answer(f"Lane {lane.position}"))
    page = conversations.recent(database, OWNER)
    assert [(entry.kind, entry.title) for entry in page.entries] == [("comparison", "Which is best?")]
    run = runs.get(database, OWNER, run_id)
    assert [lane.model_id for lane in run.lanes] == ["a/one", "b/two"]
    assert tree.path(database, OWNER, lanes[1].conversation_id).turns[-1].text == "Lane 1"
    with pytest.raises(NotFound):
        runs.get(database, "ben", run_id)


def test_deleting_a_comparison_takes_its_lanes_and_undo_brings_them_back(database: Database) -> None:
    run_id, lanes = runs.create(database, OWNER, "c1", ["a/one", "b/two"], prompt="Hm?")
    conversations.remove(database, OWNER, run_id)
    with pytest.raises(NotFound):
        tree.path(database, OWNER, lanes[0].conversation_id)
    conversations.restore(database, OWNER, run_id)
    assert tree.path(database, OWNER, lanes[0].conversation_id).turns == ()


def test_settings_belong_to_their_owner(database: Database) -> None:
    settings.put(database, OWNER, "models", ["a/one", {"x": 1.5}])
    assert settings.get(database, OWNER, "models") == ["a/one", {"x": 1.5}]
    assert settings.get(database, "ben", "models", default="none") == "none"
    settings.put(database, OWNER, "models", None)
    assert settings.get(database, OWNER, "models") is None
