"""The files that go with the rows of a new batch: uploaded beside the table, read once, told about before the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ...batch import row_files
from ...batch.row_files import CannotUnpack, NamedUpload, RowUploads
from ...batch.table import Table
from ...safety.incoming import MOST_FILES
from ...views.conversation import File
from .. import session, uploads
from ..chat.tray import reading
from ..models import sight
from ..text import plain, t, tn, whole
from . import draft
from .draft import Draft

READ, PORTIONS = draft.FILES
SHOWN = 5
Read = tuple[File | None, str]  # the file, and what is to be said about it


@dataclass(frozen=True, slots=True)
class RowFiles:
    """Each row's files. `wrong`: sentences about what they name and do not get; `notes`: about what goes, and about
    uploads that nobody names; `over`: why no batch can be made of them. `key` stands for all this."""

    key: tuple[object, ...]
    files: list[tuple[File, ...]]
    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    over: str = ""


@dataclass(frozen=True, slots=True)
class _Unpacked:
    name: str
    data: bytes

    def getvalue(self) -> bytes:
        return self.data


def choose(held_draft: Draft, table: Table, prompt_column: str) -> tuple[RowFiles | None, bool]:
    """The rows' files, None where there are none, and whether the batch may start with them."""
    column = row_files.column_of(table)
    if column is None or column == prompt_column:
        return None, True
    handed_in = st.file_uploader(
        t("Files that the column {column} names: a zip, or several files", column=f"**{plain(column)}**"),
        accept_multiple_files=True,
        key=f"row-files-{draft.nonce()}",
        max_upload_size=uploads.largest_mb(),
    )
    if not handed_in:
        st.caption(t("Without files here, the rows are sent without files."))
        return None, True
    for refusal in filter(None, map(uploads.refusal, handed_in)):
        st.error(refusal, icon=":material/error:")
    accepted = [upload for upload in handed_in if not uploads.refusal(upload)]
    key = (held_draft.key, held_draft.named, held_draft.encoding, *(upload.file_id for upload in accepted))
    rows_files: RowFiles | None = st.session_state.get(READ)
    if rows_files is None or rows_files.key != key:
        rows_files = _read(key, table, column, [(upload.name, upload.getvalue()) for upload in accepted])
        st.session_state[READ] = rows_files
    return rows_files, _tell(rows_files)


def texts(files: Sequence[File]) -> tuple[str, ...]:
    """What a model reads of them, their names too."""
    return tuple(text for file in files for text in (file.name, file.text))


def warn(files_of_rows: Sequence[Sequence[File]], models: Sequence[str]) -> None:
    """The chosen models that cannot see the rows' pictures."""
    if any(file.is_picture for files in files_of_rows for file in files):
        for model_id in models:
            if sight.sees(model_id) is False:
                st.caption(f":orange[:material/hide_image:] {sight.sentence(model_id)}")


def _tell(rows_files: RowFiles) -> bool:
    """Say what is wrong, and ask whether to go on without it."""
    if rows_files.over:
        st.error(rows_files.over, icon=":material/error:")
        return False
    names = {file.name for files in rows_files.files for file in files}
    st.caption(tn("{number} file goes with the rows.", "{number} files go with the rows.", len(names)))
    if rows_files.notes:
        st.caption(_listed(rows_files.notes))
    if not rows_files.wrong:
        return True
    st.warning(_listed(rows_files.wrong), icon=":material/warning:")
    return st.checkbox(t("Send these rows without these files"), key=f"row-files-without-{draft.nonce()}")


def _listed(sentences: Sequence[str]) -> str:
    rest = len(sentences) - SHOWN
    more = [tn("and {number} more", "and {number} more", rest)] if rest > 0 else []
    return "  \n".join([*sentences[:SHOWN], *more])


def _read(key: tuple[object, ...], table: Table, column: str, handed_in: Sequence[tuple[str, bytes]]) -> RowFiles:
    named = row_files.names_of(table, column)
    options = session.engine().settings
    from ...workspace.files import MB  # which brings SQL

    row_uploads = RowUploads(handed_in, most_file_bytes=options.file_mb * MB, most_bytes=options.upload_mb * MB)
    first_row = {name: row for row, names in reversed(list(enumerate(named, 1))) for name in names}
    wrong = [_unpacking(name, code) for name, code in row_uploads.faults.items()]
    if len(first_row) > row_files.MOST_NAMED:
        return RowFiles(key, [], over=t("A batch can have {number} files.", number=whole(row_files.MOST_NAMED)))
    for row, names in enumerate(named, 1):
        if len(names) > MOST_FILES:
            sentence = t("Row {row} names more than {number} files.", row=whole(row), number=MOST_FILES)
            return RowFiles(key, [], over=sentence)
    files: dict[str, File] = {}
    notes: list[str] = []
    done: dict[tuple[object, ...], Read] = st.session_state.setdefault(PORTIONS, {})
    progress = st.progress(0.0, t("Reading the files…"))
    used: set[NamedUpload] = set()
    for number, (name, row) in enumerate(sorted(first_row.items(), key=lambda item: item[1]), 1):
        place = row_uploads.find(name)
        if place is None:
            meant = row_uploads.meant(name)
            wrong.append(_missing(name, row, [each.path for each in meant]))
            used |= {*meant}
            continue
        used.add(place)
        this = (*key, place)
        if this not in done:  # a run that another click ended left what it had read
            done[this] = _unpacked_and_read(row_uploads, place)
        file, sentence = done[this]
        if file is None:
            wrong.append(sentence)
            continue
        files[name] = file
        notes += [f"{plain(name)}: {sentence}"] if sentence else []
        progress.progress(number / len(first_row), t("Reading the files…"))
    progress.empty()
    notes += [t("No row names {name}.", name=f"**{plain(each.name)}**") for each in row_uploads.all if each not in used]
    of_rows = [tuple(files[name] for name in names if name in files) for names in named]
    chars = sum(len(file.text) for row_of in of_rows for file in row_of)
    if chars > row_files.MOST_TEXT_CHARS:
        most = whole(row_files.MOST_TEXT_CHARS)
        over = t("The text of all rows' files is longer than {number} characters. Split the table.", number=most)
        return RowFiles(key, [], over=over)
    return RowFiles(key, of_rows, tuple(wrong), tuple(notes))


def _unpacked_and_read(row_uploads: RowUploads, place: NamedUpload) -> Read:
    try:
        data = row_uploads.read(place)
    except CannotUnpack as error:
        return None, _unpacking(place.name, error.code)
    files, fault = reading.read([_Unpacked(place.name, data)])
    if not files:
        return None, fault
    if files[0].is_locked:
        bold = f"**{plain(place.name)}**"
        return None, t("{name} is protected with a password: attach a copy that has none.", name=bold)
    return files[0].file, reading.left_out(files[0])


def _missing(name: str, row: int, paths: Sequence[str]) -> str:
    """`paths` of several files that are called so, "" for one that is in no zip."""
    bold = f"**{plain(name)}**"
    if folder := next((path for path in paths if "/" in path), ""):
        path = f"**{plain(folder)}**"
        return t("Row {row} names {name}, but several files are called so: write the folder too, such as {path}.",
                 row=whole(row), name=bold, path=path)  # fmt: skip
    if paths:
        return t("Row {row} names {name}, but several files are called so: remove all but one.",
                 row=whole(row), name=bold)  # fmt: skip
    return t("Row {row} names {name}, which was not uploaded.", row=whole(row), name=bold)


def _unpacking(name: str, code: str) -> str:
    bold, options = f"**{plain(name)}**", session.engine().settings
    match code:
        case "password":
            return t("{name} is protected with a password. Zip it without one.", name=bold)
        case "size":
            return t("{name} is larger than {size} MB.", name=bold, size=options.file_mb)
        case "total":
            return t("{name} was not unpacked: all files together exceed {size} MB.", name=bold, size=options.upload_mb)
        case "members":
            return t("{name} holds more than {number} files.", name=bold, number=whole(row_files.MOST_MEMBERS))
    return t("{name} is damaged and cannot be unpacked.", name=bold)
