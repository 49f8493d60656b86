"""Questions and answers in progress: committed first, once for a request, found by all, interrupted when left alone."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from core.records import Document, Message, Text
from core.store import NotFound, calls, conversations, running, tree, turns
from core.store.database import Database
from core.store.tables import jobs, messages
from core.views.conversation import File, GenerationSettings
from tests.store.conftest import OWNER, answer

Say = Callable[..., turns.Begun]


def counted(database: Database) -> tuple[int, int]:
    with database.read() as connection:
        message_count, job_count = (
            connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (messages, jobs)
        )
    return message_count, job_count


def test_the_question_and_its_job_are_there_before_anybody_is_called(database: Database, say: Say) -> None:
    begun = say("r1", "How far is the moon?\nRoughly.")
    assert (begun.fresh, begun.saved) == (True, True)
    branch = tree.path(database, OWNER, begun.conversation_id)
    assert [(turn.role, turn.text, turn.state) for turn in branch.turns] == [
        ("user", "How far is the moon?\nRoughly.", "done"),
        ("assistant", "", "running"),
    ]
    assert conversations.get(database, OWNER, begun.conversation_id).title == "How far is the moon?"
    assert running.read(database, OWNER, "r1").state == "running"


def test_the_same_request_twice_is_one_question(database: Database, say: Say) -> None:
    first, second = say("r1", "Hi"), say("r1", "Hi")
    assert not second.fresh
    assert second.answer_message_id == first.answer_message_id
    assert counted(database) == (2, 1)


def test_many_at_once_with_one_request_have_one_winner(database: Database, say: Say) -> None:
    barrier = threading.Barrier(8)

    def ask(_: int) -> turns.Begun:
        barrier.wait()
        return say("r1", "Hi")

    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(ask, range(8)))
    assert sum(turn.fresh for turn in begun) == 1
    assert len({turn.answer_message_id for turn in begun}) == 1
    assert counted(database) == (2, 1)


def test_the_same_request_of_another_owner_is_another_question(database: Database, say: Say) -> None:
    first, second = say("r1", "Hi"), say("r1", "Hi", owner="ben")
    assert second.fresh
    assert second.conversation_id != first.conversation_id


def test_the_same_call_played_again_is_still_fresh(
    database: Database, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit whose acknowledgement was lost: the second try finds the row of the first."""
    play = database._play
    monkeypatch.setattr(
        database, "_play", lambda operation, values: (play(operation, values), play(operation, values))[1]
    )
    assert say("r1", "Hi").fresh
    assert counted(database) == (2, 1)


def test_a_checkpoint_is_seen_by_everybody_and_the_end_replaces_it(database: Database, say: Say) -> None:
    begun = say("r1", "Hi")
    assert running.checkpoint(database, [running.AnswerCheckpoint(OWNER, "r1", "So f", "hm")])
    seen = running.read(database, OWNER, "r1")
    assert (seen.text, seen.reasoning, seen.completion) == ("So f", "hm", None)
    turn = tree.path(database, OWNER, begun.conversation_id).turns[-1]
    assert (turn.text, turn.reasoning, turn.request_id) == ("So f", "hm", "r1")
    assert turns.finish(database, OWNER, "r1", answer("So far."))
    seen = running.read(database, OWNER, "r1")
    assert (seen.state, seen.text, seen.completion) == ("done", "So far.", answer("So far."))


def test_an_answer_ends_once(database: Database, say: Say) -> None:
    say("r1", "Hi", "First.")
    turns.finish(database, OWNER, "r1", answer("Second."), "stopped")
    seen = running.read(database, OWNER, "r1")
    assert (seen.state, seen.text) == ("done", "First.")
    assert running.checkpoint(database, []) is not False
    assert not running.checkpoint(database, [running.AnswerCheckpoint(OWNER, "r1", "late")])
    assert running.read(database, OWNER, "r1").text == "First."


def test_the_end_keeps_every_attempt(database: Database, say: Say) -> None:
    begun = say("r1", "Hi", "Yes.")
    rows = calls.recent(database, OWNER)
    assert [(row.n, row.outcome, row.output_tokens, row.conversation_id) for row in rows] == [
        (2, "ok", 20, begun.conversation_id),
        (1, "overloaded", None, begun.conversation_id),
    ]
    assert rows[0].cost_usd == answer().cost_usd
    assert calls.recent(database, "ben") == []


def test_an_answer_whose_lease_ran_out_is_interrupted_and_keeps_its_part(database: Database, say: Say) -> None:
    database.lease_s = -1
    begun = say("r1", "Hi")
    running.checkpoint(database, [running.AnswerCheckpoint(OWNER, "r1", "Half an ans", "hm")])
    claimed = running.claim_orphans(database)
    assert [orphan.message_id for orphan in claimed] == [begun.answer_message_id]
    assert running.claim_orphans(database) == []
    turn = tree.path(database, OWNER, begun.conversation_id).turns[-1]
    assert (turn.state, turn.text, turn.reasoning) == ("interrupted", "Half an ans", "hm")


def test_a_renewed_lease_protects(database: Database, say: Say) -> None:
    database.lease_s = -1
    say("r1", "Hi")
    database.lease_s = 30
    assert running.renew(database, "host/1/a")
    assert running.claim_orphans(database) == []


def test_an_answer_taken_for_dead_may_still_end(database: Database, say: Say) -> None:
    """A computer that slept through its lease finishes its answer after all."""
    database.lease_s = -1
    begun = say("r1", "Hi")
    running.claim_orphans(database)
    turns.finish(database, OWNER, "r1", answer("Whole."))
    turn = tree.path(database, OWNER, begun.conversation_id).turns[-1]
    assert (turn.state, turn.text) == ("done", "Whole.")


def test_orphans_are_claimed_by_one_only(database: Database, say: Say) -> None:
    database.lease_s = -1
    for number in range(40):
        say(f"r{number}", "Hi")
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda _: running.claim_orphans(database, limit=7), range(12)))
    ids = [orphan.request_id for claim in claims for orphan in claim]
    assert len(ids) == len(set(ids)) == 40


@pytest.mark.parametrize(
    ("process", "gone"),
    [
        (f"{socket.gethostname()}/999999999/a", True),
        (f"{socket.gethostname()}/{os.getpid()}/before", True),
        (f"{socket.gethostname()}/{os.getpid()}/now", False),
        (f"{socket.gethostname()}/{os.getppid()}/other", False),
        ("elsewhere/999999999/a", False),
    ],
    ids=["gone", "our number before us", "we", "another of this computer", "another computer"],
)
def test_at_start_answers_of_gone_processes_are_interrupted(database: Database, process: str, gone: bool) -> None:
    turns.begin(database, OWNER, turns.NewTurn("r1", "Hi"), owner_process=process)
    claimed = running.at_start(database, f"{socket.gethostname()}/{os.getpid()}/now")
    assert bool(claimed) == gone


def test_regenerating_and_editing_make_branches(database: Database, say: Say) -> None:
    first = say("r1", "One", "Answer one.")
    second = say("r2", "Two", "Answer two.", after=first)
    again = say("r3", None, "Answer two, better.", after=second, parent=second.user_message_id)
    edited = say("r4", "Two, edited", "Answer to the edit.", after=first)
    assert again.user_message_id is None
    branch = tree.path(database, OWNER, first.conversation_id)
    assert [turn.text for turn in branch.turns] == ["One", "Answer one.", "Two, edited", "Answer to the edit."]
    assert (branch.turns[2].index, len(branch.turns[2].siblings)) == (2, 2)
    tree.select_branch(database, OWNER, first.conversation_id, second.user_message_id or "")
    branch = tree.path(database, OWNER, first.conversation_id)
    assert [turn.text for turn in branch.turns] == ["One", "Answer one.", "Two", "Answer two, better."]
    assert branch.turns[3].siblings == (second.answer_message_id, again.answer_message_id)
    old = tree.path(database, OWNER, first.conversation_id, leaf_id=second.answer_message_id)
    assert old.turns[-1].text == "Answer two."
    assert edited.fresh


def test_two_tabs_at_one_conversation_overwrite_nothing(database: Database, say: Say) -> None:
    first = say("r1", "One", "Answer one.")
    say("left", "From the left tab", "L", after=first)
    say("right", "From the right tab", "R", after=first)
    branch = tree.path(database, OWNER, first.conversation_id)
    assert branch.turns[-1].text == "R"
    assert len(branch.turns[2].siblings) == 2


@pytest.mark.parametrize("conversation", ["another owner's", "missing", "deleted"])
def test_nobody_writes_into_what_is_not_theirs(database: Database, say: Say, conversation: str) -> None:
    first = say("r1", "Hi", "Yes.")
    owner = "ben" if conversation == "another owner's" else OWNER
    where = "nothing" if conversation == "missing" else first.conversation_id
    if conversation == "deleted":
        conversations.remove(database, OWNER, first.conversation_id)
    with pytest.raises(NotFound):
        turns.begin(database, owner, turns.NewTurn("r2", "Mine", conversation_id=where), owner_process="p")
    assert counted(database) == (2, 1)


def test_a_parent_of_another_conversation_is_not_found(database: Database, say: Say) -> None:
    first, second = say("r1", "Hi", "Yes."), say("r2", "Ho", "No.")
    with pytest.raises(NotFound):
        say("r3", "Mixed", after=first, parent=second.answer_message_id)


def test_nul_and_lone_surrogates_do_no_harm(database: Database) -> None:
    files = [File("a\x00.txt", "b\ud800c\x00")]
    begun = turns.begin(
        database,
        OWNER,
        turns.NewTurn("r1", "x\x00y\ud83d", generation=GenerationSettings(system="\x00"), files=files),
        owner_process="p",
    )
    running.checkpoint(database, [running.AnswerCheckpoint(OWNER, "r1", "\x00z\udfff")])
    turns.finish(database, OWNER, "r1", answer("a\x00b\ud800"))
    branch = tree.path(database, OWNER, begun.conversation_id)
    assert [turn.text for turn in branch.turns] == ["xy\ufffd", "ab\ufffd"]
    assert tree.files(database, OWNER, begun.user_message_id or "") == [File("a.txt", "b\ufffdc")]
    assert branch.turns[0].attached[0].size_bytes == 5


def test_what_a_model_is_asked_with_holds_the_files(database: Database) -> None:
    begun = turns.begin(database, OWNER, turns.NewTurn("r1", "Read", files=[File("a.md", "text")]), owner_process="p")
    turns.finish(database, OWNER, "r1", answer("Done."))
    sent = tree.history(database, OWNER, begun.conversation_id, begun.answer_message_id)
    assert sent[0].parts == (Text("Read"), Document("a.md", "text"))
    assert sent[0].text == "Read\n\na.md:\n```\ntext\n```"
    assert sent[1:] == [Message("assistant", "Done.", "sim/quick")]
    with pytest.raises(NotFound):
        tree.history(database, "ben", begun.conversation_id, begun.answer_message_id)


def test_another_owner_finds_no_answer(database: Database, say: Say) -> None:
    begun = say("r1", "Hi", "Yes.")
    with pytest.raises(NotFound):
        running.read(database, "ben", "r1")
    with pytest.raises(NotFound):
        tree.path(database, "ben", begun.conversation_id)
    assert tree.files(database, "ben", begun.user_message_id or "") == []
    with pytest.raises(NotFound):
        turns.finish(database, "ben", "r1", answer("Mine."))


def test_fifty_answers_at_once_are_checkpointed(database: Database, say: Say) -> None:
    for number in range(50):
        say(f"r{number}", "Hi")

    def carry(number: int) -> bool:
        checkpoints = [
            running.checkpoint(database, [running.AnswerCheckpoint(OWNER, f"r{number}", "x" * n)]) for n in range(4)
        ]
        return all(checkpoints) and turns.finish(database, OWNER, f"r{number}", answer(f"end {number}"))

    with ThreadPoolExecutor(50) as pool:
        assert all(pool.map(carry, range(50)))
    assert database.health().state == "ok"
    assert running.read(database, OWNER, "r49").text == "end 49"
