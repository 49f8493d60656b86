"""The tray in the browser: files leave the box for it as soon as they are uploaded, and it survives a reload.

Streamlit's box tells a script of its files only when a question is sent. A component watches the box: it names the
files that have arrived, is told which were taken, and removes them from the box. What stands in the tray it stores as a
list of names and hashes, beside the draft, and hands back once after a reload. Without it the files stay in the box and
go with the question as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

import streamlit as st

from ....documents.reading import Unit
from ....errors import BlockedInput
from ....safety.incoming import MOST_FILES
from ....store import StoreError
from ....views.conversation import File, Turn
from ... import session
from ...text import plain, t
from .. import drafts
from . import box as box_files
from . import held as trays
from . import notice, reading
from .held import HeldFile

SCRIPT = Path(__file__).parents[2] / "static" / "tray.js"
COMPONENT = "tray-kept"
CHARS = 300  # of a text in the list


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def tell(box: str, name: str, last: Turn | None, *, keep: bool) -> None:
    """Draw the component. `last`: the newest question of the chat, whose files are not handed back; `keep`: what is in
    the tray now is not kept elsewhere."""
    page = {
        "box": box,
        "tab": st.session_state.setdefault("drafts-tab", session.new_id()),
        "key": drafts.key_of(box, name),
        "known": trays.is_known(box, name) or not keep,
        "trays": [_list(box, each) for each in trays.names(box) if keep or each != name],
        "taken": st.session_state.get(_removal(box)),
        "now_ms": int(datetime.now(UTC).timestamp() * 1000),
        "forget": drafts.forgotten_keys(box),
    }
    component = st.components.v2.component("roundtable-tray", js=_script())
    component(
        key=COMPONENT,
        height=0,
        data=[page],  # in a list: see drafts.py
        on_arrived_change=lambda: _note_arrived(box),
        on_restored_change=lambda: _restore(box, name, last),
    )


def take_arrived(box: str, name: str) -> None:
    """Read what lies in the box, and put it into the tray."""
    arrived: Mapping[str, Any] | None = st.session_state.get(_arrived(box))
    if arrived is None:
        return
    names = [str(each) for each in arrived.get("names", ())][: 2 * MOST_FILES]
    place = st.empty()
    place.caption(f":shimmer[{t('Reading {name}', name=plain(', '.join(names)))}]")
    uploaded = box_files.files(names)
    in_box = {upload.name for upload in uploaded}
    removed = [each for each in names if each in in_box]
    fault = take(box, name, uploaded)
    place.empty()
    st.session_state[_removal(box)] = {"id": str(arrived.get("id")), "names": removed}
    if fault:
        notice.say(box, name, fault)


def take(box: str, name: str, uploaded: Sequence[reading.WholeUpload]) -> str:
    """Put these files into the tray; a sentence about the first that cannot be kept, "" if all are."""
    files, fault = reading.read(uploaded, trays.room(box, name))
    if files:
        trays.add(box, name, files)
    st.session_state.pop(_arrived(box), None)
    return fault


def keep_texts(box: str, name: str) -> None:
    """Keep the texts of what stands above the box, so that a reload can bring them back."""
    every = trays.held(box, name)
    stored = [_with_stored_text(each) for each in every]
    if stored != list(every):
        trays.put(box, name, stored)


def _with_stored_text(held: HeldFile) -> HeldFile:
    if not held.file.text or held.text_sha256:
        return held
    with suppress(StoreError, BlockedInput):  # then a reload loses it
        text = session.person().files.put(held.file.name, held.file.text.encode("utf-8", "replace"), "text/plain")
        return replace(held, text_sha256=text.sha256)
    return held


def _list(box: str, name: str) -> Mapping[str, Any]:
    files = [listed(each) for each in trays.held(box, name) if each.text_sha256 or not each.file.text]
    return {"key": drafts.key_of(box, name), "named": name != drafts.NEW, "files": files}


def listed(held: HeldFile) -> Mapping[str, Any]:
    """A file as the browser stores it."""
    file = held.file
    return {
        "name": file.name, "type": file.media_type, "hash": file.sha256, "text": held.text_sha256,
        "width": file.width, "height": file.height, "pages": file.pages, "page_count": file.page_count,
        "unit": held.unit, "left_out": held.left_out, "needs_password": held.needs_password,
    }  # fmt: skip


def unlisted(row: Mapping[str, Any]) -> HeldFile | None:
    """The file of such a list, as far as the person still has it. The list may be anything. Raises StoreError."""
    files = session.person().files

    def text(key: str) -> str:
        return str(row.get(key) or "")[:CHARS]

    def number(key: str) -> int | None:
        value = row.get(key)
        return value if isinstance(value, int) and 0 < value < 2**31 else None

    facts = files.facts(text("hash")) if text("hash") else None
    read = files.read(text("text")) if text("text") else b""
    if read is None or (facts is None and (text("hash") or not read)):
        return None
    file = File(
        text("name") or "file", read.decode("utf-8", "replace"), facts.media_type if facts else "text/plain",
        sha256=text("hash"), size_bytes=facts.size_bytes if facts else None,
        width=number("width"), height=number("height"), pages=text("pages"), page_count=number("page_count"),
    )  # fmt: skip
    unit = cast("Unit", text("unit")) if text("unit") in get_args(Unit) else "page"
    needs_password = row.get("needs_password") is True
    return HeldFile(file, unit, text("left_out"), needs_password, text_sha256=text("text"), is_seen=True)


def _restore(box: str, name: str, last: Turn | None) -> None:
    """What the browser hands back, unless this session knows better or it was sent meanwhile."""
    restored = _value("restored")
    if restored is None or restored.get("key") != drafts.key_of(box, name) or trays.is_known(box, name):
        return
    rows = [row for row in restored.get("files", ()) if isinstance(row, Mapping)][:MOST_FILES]
    if _was_sent(rows, restored.get("at_ms"), last):
        trays.clear(box, name)
        return
    try:
        files = [unlisted(row) for row in rows]
    except StoreError:
        notice.say(
            box,
            name,
            t("The files above the box cannot be loaded: the database is unavailable. Reload when it is back."),
        )
        return
    trays.put(box, name, filter(None, files))
    if None in files:
        lost = next(str(row.get("name") or "") for row, file in zip(rows, files, strict=True) if file is None)
        notice.say(box, name, t("{name} is not stored any more: attach it again.", name=f"**{plain(lost)}**"))


def _was_sent(rows: Sequence[Mapping[str, Any]], at_ms: object, last: Turn | None) -> bool:
    """Whether these are the files of the newest question: the page was left before the browser heard that they went."""
    if not rows or last is None or last.asked_at is None or not isinstance(at_ms, int | float):
        return False
    names = {(str(row.get("name")), str(row.get("hash") or "")) for row in rows}
    return names == {(file.name, file.sha256) for file in last.attached} and at_ms <= last.asked_at.timestamp() * 1000


def _note_arrived(box: str) -> None:
    if arrived := _value("arrived"):
        st.session_state[_arrived(box)] = arrived


def _value(trigger: str) -> Mapping[str, Any] | None:
    state = st.session_state.get(COMPONENT)
    value: Any = state.get(trigger) if state else None
    return value if isinstance(value, Mapping) else None


def _arrived(box: str) -> str:
    return f"arrived-{box}"


def _removal(box: str) -> str:
    return f"taken-{box}"
