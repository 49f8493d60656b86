"""Files of other programs' exports are kept as if they had been attached here."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.store import conversations, tree
from core.views.imports import FileRefused
from core.workspace import Workspace
from core.workspace.imported_files import ImportedFiles
from tests.store.test_files_of_exports import pointer, turn
from tests.store.test_foreign_exports import chatgpt
from tests.workspace.acme import until
from tests.workspace.test_workspace import workspace_in

ME = "ana"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = workspace_in(tmp_path, speed="1000")
    yield opened
    opened.database.close()


def photo() -> bytes:
    """A picture that lies on its side and says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def intake(workspace: Workspace) -> ImportedFiles:
    person = workspace.of(ME)
    return ImportedFiles(person.files.put, person.documents.read)


def test_a_zip_of_chatgpt_from_its_arrival_to_the_chat(workspace: Workspace, tmp_path: Path) -> None:
    attached = {"attachments": [{"id": "file-b", "name": "plan.txt"}]}
    talk = chatgpt(turn("q", None, "user", pointer("file-service://file-a"), "Look", metadata=attached))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("conversations.json", json.dumps([talk]))
        archive.writestr("file-a-cat.jpg", photo())
        archive.writestr("file-b-plan.txt", "First the tides.")
    person, data = workspace.of(ME), packed.getvalue()
    name = "a" * 32
    with person.transfers.path_for(name, len(data), 0).open("ab") as arriving:
        arriving.write(data)
    person.transfers.start_import(name, len(data), "export.zip")
    until(lambda: (status := person.history.importing()) is not None and not status.runs)
    status = person.history.importing()
    assert status
    assert (status.state, status.left.files) == ("done", {})
    (entry,) = conversations.recent(workspace.database, ME).entries
    (question,) = tree.path(workspace.database, ME, entry.id).turns
    picture, document = tree.files(workspace.database, ME, question.id)
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", 20, 40)
    stored = person.files.read(picture.sha256)
    assert stored
    assert not Image.open(io.BytesIO(stored)).getexif()
    assert (document.name, document.text) == ("plan.txt", "First the tides.")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 40, "kind"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"cut", "broken"),
        ("a.zip", b"7z\xbc\xaf\x27\x1c", "kind"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_reason(workspace: Workspace, name: str, data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        intake(workspace).take(name, data)
    assert refused.value.code == code


def test_what_has_no_room_is_refused(workspace: Workspace) -> None:
    engine = workspace.of(ME)._shared.engine
    engine.settings = engine.settings.model_copy(update={"files_owner_mb": 0})
    with pytest.raises(FileRefused) as refused:
        intake(workspace).take("cat.jpg", photo())
    assert refused.value.code == "room"
