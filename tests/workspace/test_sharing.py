"""What a link shows: what its owner chose, as it was then, and never a key, on this or on an earlier choice."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.records import (
    Attempt,
    Completion,
    Document,
    Finish,
    Message,
    Note,
    Picture,
    Text,
    Thought,
    Timing,
    ToolCall,
    ToolResult,
)
from core.store import NotFound, turns
from core.views.comparison import Comparison
from core.views.conversation import ConversationView, File, GenerationSettings
from core.workspace import Workspace
from core.workspace.sharing import UnknownToken
from tests.store.conftest import START
from tests.workspace.acme import until
from tests.workspace.test_workspace import ME, YOU, ended, workspace_in

DAY = timedelta(days=1)
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
CANARIES = {
    "openai": "sk-proj-" + "Zq8" * 14,
    "groq": "gsk_" + "a1B2" * 13,
    "named": "MISTRAL_API_KEY=Kx92mfPQ81nvLs0T3bWyR6uD",
    "password": "postgresql://app:Hu7kLm42pQ@db.example/app",
    "pasted": "plain-0123456789abcdef",  # of no shape: only whoever holds it can tell
}
PIXELS = b"\x89PNG\r\n\x1a\n" + bytes(20)
SECRET_PARTS = [CANARIES[name].rpartition("=")[2] for name in ("openai", "groq", "named", "pasted")] + ["Hu7kLm42pQ"]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = workspace_in(tmp_path, speed="1000")
    yield opened
    opened.database.close()


Say = Callable[..., ConversationView]


@pytest.fixture
def say(workspace: Workspace) -> Say:
    """Put a question and its answer into the store, without a model."""

    def say(
        request_id: str, prompt: str, text: str, view: ConversationView | None = None, **more: Any
    ) -> ConversationView:
        files = more.pop("files", ())
        started = turns.begin(
            workspace.database,
            ME,
            turns.NewTurn(
                request_id,
                prompt,
                model_id="sim/quick",
                conversation_id=view.id if view else None,
                parent_id=view.leaf_id if view else None,
                generation=GenerationSettings(system="SYSTEM"),
                files=files,
            ),
            owner_process=workspace.process,
        )
        completion = Completion("sim/quick", text, "", None, Finish("stop"), Timing(START, 1.0, 1.0, 2.0, 3.0))
        turns.finish(workspace.database, ME, request_id, replace(completion, **more))
        return workspace.of(ME).chats.get(started.conversation_id)

    return say


def compared(workspace: Workspace, prompt: str, run: Comparison | None = None, **more: Any) -> Comparison:
    runs = workspace.of(ME).comparisons
    if run:
        runs.go_on("c2", run, prompt)
    run_id = run.id if run else runs.start("c1", prompt, ["sim/quick", "sim/steady"], **more)
    until(lambda: not runs.get(run_id).running())
    for lane in runs.get(run_id).lanes:
        for turn in lane.turns:
            ended(workspace, turn.request_id)
    return runs.get(run_id)


def test_a_snapshot_stays_and_a_following_link_grows(workspace: Workspace, say: Say) -> None:
    view = say("r1", "What is a tide?", "The sea.")
    sharing = workspace.of(ME).sharing
    _, snapshot = sharing.share_chat(view, lasts=DAY)
    _, following = sharing.share_chat(view, lasts=DAY, follows=True)
    say("r2", "And a wave?", "Wind.", view)
    workspace.of(ME).history.rename(view.id, "Not for others")
    then, now = workspace.shared_links.read(snapshot), workspace.shared_links.read(following)
    assert [turn.prompt for turn in then.turns] == ["What is a tide?"]
    assert [turn.prompt for turn in now.turns] == ["What is a tide?", "And a wave?"]
    assert (then.title, now.title) == ("What is a tide?", "Not for others")
    assert then.turns[0].answers[0]
    assert (then.turns[0].answers[0].model_id, then.turns[0].asked_at is not None) == ("sim/quick", True)
    assert "SYSTEM" not in repr(now)


def test_another_answer_is_not_in_the_snapshot(workspace: Workspace, say: Say) -> None:
    view = say("r1", "What is a tide?", "The first answer.")
    _, token = workspace.of(ME).sharing.share_chat(view, lasts=None)
    again = turns.begin(
        workspace.database,
        ME,
        turns.NewTurn("r2", None, model_id="sim/quick", conversation_id=view.id, parent_id=view.turns[0].question_id),
        owner_process=workspace.process,
    )
    turns.finish(workspace.database, ME, "r2", Completion("sim/quick", "Later.", "", None, None, Timing(START)))
    assert workspace.of(ME).chats.get(view.id).leaf_id == again.answer_message_id
    assert "The first answer." in repr(workspace.shared_links.read(token))
    assert "Later." not in repr(workspace.shared_links.read(token))


def test_no_key_is_shown_wherever_it_stands(workspace: Workspace, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "_pasted_of", lambda _: {"acme": CANARIES["pasted"]})
    keys = "\n".join(CANARIES.values())
    view = say(
        "r1", f"My keys:\n{keys}", f"You wrote\n{keys}", reasoning=keys, served_by=CANARIES["groq"],
        attempts=(Attempt("sim", CANARIES["openai"], 1, "ok", 1.0),), notes=(Note("another_model", keys),),
        files=[File(f"{CANARIES['groq']}.env", keys)], served_model_id=f"sim/{CANARIES['openai']}",
        system_fingerprint=CANARIES["groq"], finish=Finish("stop", CANARIES["groq"]),
        parts=(
            Thought("", encrypted=keys), Document(f"{CANARIES['groq']}.pdf", keys),
            Picture("image/png", PIXELS, name=CANARIES["openai"]),
        ),
        steps=(
            Message("assistant", [Thought(keys, keys), Text(keys), ToolCall("1", "calculator", keys, keys)]),
            Message("tool", [ToolResult("1", "calculator", keys)]),
        ),
    )  # fmt: skip
    workspace.of(ME).history.rename(view.id, keys)
    _, token = workspace.of(ME).sharing.share_chat(workspace.of(ME).chats.get(view.id), lasts=DAY, with_files=True)
    shared = workspace.shared_links.read(token)
    assert "My keys:" in shared.turns[0].prompt
    assert shared.turns[0].files
    assert [part for part in SECRET_PARTS if part in repr(shared)] == []
    copy_id = workspace.of(YOU).sharing.copy("k1", shared)
    exported = workspace.of(YOU).history.export("json", [copy_id]).decode()
    assert [part for part in SECRET_PARTS if part in exported] == []


def test_files_are_shown_only_if_that_was_chosen(workspace: Workspace, say: Say) -> None:
    view = say("r1", "salaries.csv", "A table.", files=[File("salaries.csv", "Ana 12")])
    sharing, links = workspace.of(ME).sharing, workspace.shared_links
    without = links.read(sharing.share_chat(view, lasts=DAY)[1])
    assert ("salaries" in repr(without), "Ana 12" in repr(without), without.turns[0].left_out) == (
        False,
        False,
        1,
    )
    with_files = links.read(sharing.share_chat(view, lasts=DAY, with_files=True)[1])
    assert (with_files.turns[0].files, with_files.turns[0].left_out) == ((File("salaries.csv", "Ana 12"),), 0)


def test_a_comparison_as_it_was(workspace: Workspace) -> None:
    run = compared(workspace, "Explain tides")
    me = workspace.of(ME)
    lanes = [(lane.id, lane.model_id) for lane in run.lanes]
    me.votes.cast(run.id, 1, 1, lanes, "science")
    _, snapshot = me.sharing.share_comparison(run, lasts=DAY)
    _, following = me.sharing.share_comparison(run, lasts=DAY, follows=True)
    run = compared(workspace, "And the moon?", run)
    me.votes.cast(run.id, 1, "bad", lanes, "science")
    me.comparisons.take_out(run.lanes[0])
    then, now = workspace.shared_links.read(snapshot), workspace.shared_links.read(following)
    assert (then.columns, now.columns) == (("sim/quick", "sim/steady"), ("sim/steady",))
    assert [turn.prompt for turn in then.turns] == ["Explain tides"]
    assert [turn.prompt for turn in now.turns] == ["Explain tides", "And the moon?"]
    assert then.turns[0].vote
    assert now.turns[0].vote
    assert (then.turns[0].vote.column, now.turns[0].vote.outcome) == (1, "bad")
    assert all(answer and answer.completion for answer in then.turns[0].answers)


def test_files_of_a_comparison_go_along_if_that_was_chosen(workspace: Workspace) -> None:
    me, links = workspace.of(ME), workspace.shared_links
    picture = me.files.put("cat.png", PNG, "image/png", width=1, height=1)
    secret = CANARIES["openai"]
    document = me.files.put("plan.pdf", b"%PDF- " + secret.encode(), "application/pdf", text=f"Key: {secret}")
    scan = me.files.put("scan.pdf", b"%PDF- scan", "application/pdf", page_count=1)
    run = compared(workspace, "cat.png, plan.pdf, scan.pdf", files=[picture, document, scan], decision="mask")
    without, bare = me.sharing.share_comparison(run, lasts=DAY)
    link, token = me.sharing.share_comparison(run, lasts=DAY, with_files=True)
    [turn] = links.read(bare).turns
    assert (links.read(bare).title, turn.prompt, turn.files, turn.left_out) == ("", "", (), 3)
    shared = links.read(token)
    assert [file.name for file in shared.turns[0].files] == ["cat.png", "plan.pdf", "scan.pdf"]
    assert "Key: " in shared.turns[0].files[1].text
    assert secret not in repr(shared)
    named = [links.file(link.id, file.sha256) for file in (picture, document, scan)]
    assert named == [("image/png", PNG), None, ("application/pdf", b"%PDF- scan")]
    assert links.file(without.id, picture.sha256) is None

    you = workspace.of(YOU)
    copied = you.chats.get(you.sharing.copy("k1", shared, 1))
    assert [file.name for file in you.chats.files(copied.turns[0])] == ["cat.png", "plan.pdf", "scan.pdf"]
    assert [you.files.read(file.sha256) for file in (picture, document, scan)] == [PNG, None, b"%PDF- scan"]
    me.history.erase_everything()
    assert links.file(link.id, picture.sha256) is None


def test_a_blind_comparison_stays_blind_in_its_snapshot(workspace: Workspace) -> None:
    run = compared(workspace, "Explain tides", blind=True)
    me = workspace.of(ME)
    _, token = me.sharing.share_comparison(run, lasts=DAY)
    me.votes.reveal(run.id)
    shared = workspace.shared_links.read(token)
    assert shared.blind
    assert "sim/" not in repr(shared)
    with pytest.raises(NotFound):
        workspace.of(YOU).sharing.copy("k1", shared)


def test_a_copy_is_the_readers_own(workspace: Workspace, say: Say) -> None:
    view = say("r1", "What is a tide?", "The sea.", files=[File("a.txt", "moon")])
    _, token = workspace.of(ME).sharing.share_chat(view, lasts=DAY, with_files=True)
    shared = workspace.shared_links.read(token)
    copy_id = workspace.of(YOU).sharing.copy("k1", shared)
    assert workspace.of(YOU).sharing.copy("k1", shared) == copy_id
    own = workspace.of(YOU).chats.get(copy_id)
    assert [(turn.prompt, turn.completion and turn.completion.text) for turn in own.turns] == [
        ("What is a tide?", "The sea.")
    ]
    assert own.turns[0].attached[0].name == "a.txt"
    assert (own.generation, own.model_id) == (GenerationSettings(), "sim/quick")
    assert [hit.conversation_id for hit in workspace.of(YOU).history.find("tide")] == [copy_id]
    workspace.of(YOU).chats.ask("y1", "And a wave?", "sim/quick", view=own, parent_id=own.leaf_id)
    until(lambda: workspace.of(YOU).chats.progress("y1").completion is not None)
    assert len(workspace.of(ME).chats.get(view.id).turns) == 1
    workspace.of(ME).history.remove(view.id)
    assert len(workspace.of(YOU).chats.get(copy_id).turns) == 2


def test_the_servers_options_hold_for_links_made_before(tmp_path: Path, workspace: Workspace, say: Say) -> None:
    view = say("r1", "What is a tide?", "The sea.")
    sharing, links = workspace.of(ME).sharing, workspace.shared_links
    link, token = sharing.share_chat(view, lasts=None)
    assert link.expires_at
    assert link.expires_at - link.created_at < timedelta(days=30, minutes=1)
    settings = workspace.engine.settings
    for options in ({"sharing": "off"}, {"sharing_days": 1}):
        workspace.engine.settings = settings.model_copy(update=options)
        now = workspace.database.now()
        with pytest.MonkeyPatch.context() as later:
            later.setattr(workspace.database, "now", lambda now=now: now + timedelta(days=2))
            with pytest.raises(NotFound):
                links.read(token)
    workspace.engine.settings = settings.model_copy(update={"sharing": "off"})
    with pytest.raises(NotFound):
        workspace.of(ME).sharing.share_chat(view, lasts=None)
    workspace.engine.settings = settings.model_copy(update={"sharing_days": 0})
    assert workspace.of(ME).sharing.share_chat(view, lasts=None)[0].expires_at is None


def test_what_never_was_a_link_is_told_from_what_has_ended(workspace: Workspace, say: Say) -> None:
    link, token = workspace.of(ME).sharing.share_chat(say("r1", "Hi", "Ho"), lasts=DAY)
    workspace.shared_links.count_opening(token)
    assert workspace.of(ME).sharing.links()[0].opened == 1
    workspace.of(ME).sharing.revoke(link.id)
    with pytest.raises(NotFound) as ended_link:
        workspace.shared_links.read(token)
    assert not isinstance(ended_link.value, UnknownToken)
    with pytest.raises(UnknownToken):
        workspace.shared_links.read("a" * 32)
