"""After a person erases everything, no byte of their files is left: one test for each place where some may be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.records import Sound
from core.store import erasure
from core.store.batches import making
from core.store.blob_places import FolderPlace, key_of
from core.views.batches import BatchPlan
from core.views.conversation import File, PendingQuestion
from core.workspace import Workspace
from core.workspace.dictations import Dictation
from tests.store.test_waiting_files import away
from tests.workspace.acme import until
from tests.workspace.test_workspace import workspace_in

ME, OTHER, QUICK = "ana", "ben", "sim/quick"
SECRET = b"\x89PNG zanzibarian"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = workspace_in(tmp_path / "app", speed="1000")
    yield opened
    opened.database.close()


def picture(workspace: Workspace, owner_id: str = ME) -> File:
    return workspace.of(owner_id).files.put("cat.png", SECRET, "image/png", width=2, height=3)


def erase(workspace: Workspace, owner_id: str = ME) -> None:
    """All of an erasure, up to the round after the longest answer."""
    workspace.of(owner_id).history.erase_everything()
    workspace.of(ME)._shared.housekeeping.close()
    until(lambda: not workspace.jobs.running())
    erasure.go_on(workspace.database, keep_calls=False, longest_answer_s=-1, sleep=lambda _: None)


def files_with_it(folder: Path) -> list[str]:
    """Every file below that holds the bytes."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and SECRET in path.read_bytes())


def test_bytes_in_the_database_file_and_its_log(workspace: Workspace, tmp_path: Path) -> None:
    person = workspace.of(ME)
    person.chats.ask("r1", "Look", QUICK, files=[picture(workspace)])
    until(lambda: not workspace.jobs.running())
    assert files_with_it(tmp_path)
    erase(workspace)
    assert files_with_it(tmp_path) == []


def test_bytes_in_a_folder_and_what_was_only_begun_there(workspace: Workspace, tmp_path: Path) -> None:
    place = tmp_path / "place"
    workspace.database.blob_place = FolderPlace(place)
    file, others = picture(workspace), picture(workspace, OTHER)
    (place / key_of(ME, f"{file.sha256}.0a1b2c3d.part")).write_bytes(SECRET)
    (place / key_of(ME, "0" * 64)).write_bytes(SECRET)  # written after its row was deleted
    erase(workspace)
    assert files_with_it(tmp_path) == [others.sha256]
    assert not (place / key_of(ME, "")).exists()
    assert workspace.of(OTHER).files.read(others.sha256) == SECRET


def test_bytes_that_wait_for_the_database(workspace: Workspace, tmp_path: Path) -> None:
    database = workspace.database
    with away(database):
        picture(workspace)
    assert files_with_it(tmp_path)
    database.availability.hold_off(0.0)
    until(database.flush)
    erase(workspace)
    assert files_with_it(tmp_path) == []


def test_a_draft_and_a_question_that_waits(workspace: Workspace, tmp_path: Path) -> None:
    person = workspace.of(ME)
    view = person.chats.get(person.chats.ask("r1", "Hi", QUICK).conversation_id)
    until(lambda: not workspace.jobs.running())
    file = picture(workspace)
    person.chats.wait(view.id, PendingQuestion("Look", "r2", view.turns[-1].answer_id, (file,)))
    erase(workspace)
    assert files_with_it(tmp_path) == []
    assert person.files.read(file.sha256) is None


def test_the_files_of_a_batch(workspace: Workspace, tmp_path: Path) -> None:
    plan = BatchPlan("", [QUICK], [("Look", None)], files=[(picture(workspace),)])
    making.create(workspace.database, ME, "b1", plan, "host/1/a")
    erase(workspace)
    assert files_with_it(tmp_path) == []


def test_what_is_imported_and_exported(workspace: Workspace, tmp_path: Path) -> None:
    person, other = workspace.of(ME), workspace.of(OTHER)
    for owner in (person, other):
        with owner.transfers.path_for("a" * 32, len(SECRET), 0).open("ab") as arriving:
            arriving.write(SECRET)
    person.chats.ask("r1", "zanzibarian", QUICK)
    until(lambda: not workspace.jobs.running())
    exported = person.transfers.export("json")
    assert exported.done.wait(20)
    assert b"zanzibarian" in exported.path.read_bytes()
    erase(workspace)
    assert not exported.path.exists()
    assert [name[:3] for name in files_with_it(tmp_path)] == [OTHER]


def test_a_recording_that_waits_for_its_text(workspace: Workspace) -> None:
    dictations = workspace.of(ME)._shared.dictations
    for owner_id in (ME, OTHER):
        dictations.put(owner_id, "ask", Dictation(Sound("audio/wav", SECRET)))
    erase(workspace)
    assert (dictations.get(ME, "ask"), dictations.get(OTHER, "ask") is None) == (None, False)


def test_a_link_to_it_opens_nothing(workspace: Workspace, tmp_path: Path) -> None:
    person = workspace.of(ME)
    file = picture(workspace)
    view = person.chats.get(person.chats.ask("r1", "Look", QUICK, files=[file]).conversation_id)
    until(lambda: not workspace.jobs.running())
    link, _ = person.sharing.share_chat(person.chats.get(view.id), lasts=timedelta(days=1), with_files=True)
    shown = workspace.shared_links.file(link.id, file.sha256)
    assert shown
    assert shown[1] == SECRET
    erase(workspace)
    assert workspace.shared_links.file(link.id, file.sha256) is None
    assert files_with_it(tmp_path) == []
