"""The files of a batch's rows: found in uploads and zips within their bounds, sent with each row, kept meanwhile."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest

from core.batch import row_files
from core.batch.row_files import CannotUnpack, NamedUpload, RowUploads
from core.batch.table import read
from core.records import ChatRequest, Document, Picture
from core.store.blob_cleanup import drop_unused
from core.views.batches import BatchPlan
from core.views.conversation import File
from tests.batch.conftest import MODELS, Table
from tests.workspace.acme import ME, until


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def uploads(*handed_in: tuple[str, bytes], most_file: int = 1000, most: int = 3000) -> RowUploads:
    return RowUploads(handed_in, most_file_bytes=most_file, most_bytes=most)


def test_a_column_names_the_files_of_each_row() -> None:
    table = read(b'prompt,Files\nlook,"a.png; b.pdf;a.png"\nread,\n', "csv")
    assert row_files.column_of(table) == "Files"
    assert row_files.names_of(table, "Files") == [("a.png", "b.pdf"), ()]
    assert row_files.column_of(read(b"prompt,answer\nx,y\n", "csv")) is None


def test_files_are_found_by_name_or_path_in_zips_and_beside_them() -> None:
    packed = zipped({"scans/A.txt": b"one", "b.txt": b"two", "__MACOSX/._b.txt": b"junk", "x/.DS_Store": b"junk"})
    row_uploads = uploads(("all.zip", packed), ("c.txt", b"three"))
    places = [row_uploads.find(name) for name in ("a.txt", "scans/a.txt", "./b.txt", "c.txt")]
    assert [row_uploads.read(place) for place in places if place] == [b"one", b"one", b"two", b"three"]
    assert row_uploads.find("d.txt") is None
    assert [each.name for each in row_uploads.all] == ["A.txt", "b.txt", "c.txt"]


def test_a_name_that_means_several_files_needs_its_folder() -> None:
    row_uploads = uploads(("all.zip", zipped({"x/a.txt": b"one", "y/a.txt": b"two"})))
    assert row_uploads.find("a.txt") is None
    assert [each.path for each in row_uploads.meant("a.txt")] == ["x/a.txt", "y/a.txt"]
    assert row_uploads.meant("y/a.txt") == row_uploads.meant("b.txt") == []
    assert row_uploads.read(row_uploads.find("y/a.txt") or NamedUpload("", 0)) == b"two"


def test_a_bomb_is_never_unpacked_beyond_the_bounds() -> None:
    bomb = zipped({"big.txt": b"0" * 5_000_000, "a.txt": b"1" * 900, "b.txt": b"2" * 900})
    row_uploads = uploads(("bomb.zip", bomb), most_file=1000, most=2000)
    for name, code in (("a.txt", ""), ("big.txt", "size"), ("b.txt", "total")):
        place = row_uploads.find(name)
        assert place
        if not code:
            assert len(row_uploads.read(place)) == 900
            continue
        with pytest.raises(CannotUnpack) as caught:
            row_uploads.read(place)
        assert caught.value.code == code


@pytest.mark.parametrize(("data", "code"), [(b"PK\3\4 no zip", "broken"), (row_files.MEMBER * 20_001, "members")])
def test_what_is_no_zip_is_told(data: bytes, code: str) -> None:
    assert uploads(("a.zip", data)).faults == {"a.zip": code}


def test_a_damaged_file_in_a_zip_is_told() -> None:
    packed = bytearray(zipped({"a.txt": bytes(range(250)) * 3}))
    packed[60:90] = b"\0" * 30
    row_uploads = uploads(("a.zip", bytes(packed)))
    with pytest.raises(CannotUnpack, match="broken"):
        row_uploads.read(row_uploads.find("a.txt") or NamedUpload("", 0))


def with_files(table: Table) -> str:
    """A batch of two rows; with the first go a picture and a document."""
    files = table.workspace.of(ME).files
    picture = files.put("cat.png", b"pixels", "image/png", width=20, height=10)
    document = files.put("rules.pdf", b"%PDF-", "application/pdf", text="Be brief.", pages="1-2", page_count=2)
    plan = BatchPlan("mine", MODELS[:1], [("Describe", None), ("Say hi", None)], files=[(picture, document), ()])
    return table.batches.start("r1", plan)


def test_a_process_that_takes_over_sends_the_files(table: Table) -> None:
    seen: list[ChatRequest] = []
    table.model.refuse = seen.append
    table.carrier.wind_up()  # it runs nothing that is started from now on
    batch_id = with_files(table)
    table.carrier.give_back()
    table.another().look_now()
    until(lambda: table.look(batch_id).batch.state == "done")
    by_prompt = {request.messages[-1].texts()[0]: request.messages[-1] for request in seen}
    picture, document = by_prompt["Describe"].media
    assert isinstance(picture, Picture)
    assert isinstance(document, Document)
    assert (picture.name, picture.width, document.name, document.page_count) == ("cat.png", 20, "rules.pdf", 2)
    assert "Be brief." in by_prompt["Describe"].text
    assert [*by_prompt["Say hi"].media] == []


def test_results_and_files_name_them(table: Table) -> None:
    batch_id = with_files(table)
    table.at_rest(batch_id)
    (row, bare) = table.batches.page(batch_id)
    assert ([file.name for file in row.files], bare.files) == (["cat.png", "rules.pdf"], ())
    assert row.files[1] == File(
        "rules.pdf", "Be brief.", "application/pdf", row.files[1].sha256, 5, pages="1-2", page_count=2
    )
    cells = list(csv.DictReader(io.StringIO(table.batches.download(batch_id, "csv").decode("utf-8-sig"))))
    assert [line["files"] for line in cells] == ["cat.png; rules.pdf", ""]
    lines = [json.loads(line) for line in table.batches.download(batch_id, "jsonl").splitlines()]
    assert [line["files"] for line in lines] == [["cat.png", "rules.pdf"], []]


def test_files_are_kept_while_the_batch_is_there(table: Table) -> None:
    batch_id = with_files(table)
    table.at_rest(batch_id)
    database = table.workspace.database
    later = table.clock.at + timedelta(days=3)
    assert drop_unused(database, later, sleep=lambda _: None) == 0
    table.batches.remove(batch_id)
    assert drop_unused(database, later, sleep=lambda _: None) == 2
