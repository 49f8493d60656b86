"""Uploads as pages meet them: how large a file may be, why one was refused or is not here, and when it is released.

`upload_limits` enforces these limits in front of Streamlit.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from streamlit import config
from streamlit import runtime as streamlit_runtime
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from .. import events
from ..errors import LLMError
from . import app_state
from .failures import error_id
from .text import plain, t

MB = 1024 * 1024  # as Streamlit and nginx count
FILES = 30  # per session at once
REMEMBERED = 1000
ARRIVALS = 100_000
Refusal = Literal["large", "session", "visitor", "files", "address", "process", "length"]


class Upload(Protocol):
    """A file from Streamlit's uploader."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """In bytes: for one visitor, in one tab or in many, which also limits a single file, and for all visitors."""

    session: int
    process: int

    @property
    def address(self) -> int:
        """For all visitors of one address, so that a cookie thrown away gives no room of its own."""
        return max(self.process // 2, self.session)


def largest_mb() -> int:
    """The largest file that can be uploaded, in MB."""
    with suppress(LLMError):
        return app_state.get().engine.settings.upload_mb
    return 200


def table_mb() -> int:
    """The largest batch file, in MB."""
    from ..batch.table import MOST_BYTES  # with all that reads tables, which the server's start does not wait for

    return min(MOST_BYTES // MB, largest_mb())


def bounds() -> Bounds:
    """The limits from the options; also sets Streamlit's own limit."""
    config.set_option("server.maxUploadSize", largest_mb())
    try:
        total_mb = app_state.get().engine.settings.uploads_mb
    except LLMError:
        total_mb = 3 * largest_mb()
    return Bounds(largest_mb() * MB, max(total_mb, largest_mb()) * MB)


_refused: OrderedDict[str, tuple[Refusal, str]] = OrderedDict()  # by file id; with the id of the log line
_arrived: OrderedDict[str, None] = OrderedDict()  # ids of files that were sent to this process
_lost: OrderedDict[str, str] = OrderedDict()  # id of a log line, by session


def refusal(upload: Upload) -> str:
    """Why this file was refused, as a sentence; "" if it was not."""
    refused = _refused.get(getattr(upload, "file_id", ""))
    if refused is None:
        return ""
    reason, event_id = refused
    return error_id.after(sentence(reason, f"**{plain(upload.name)}**"), event_id)


def free(*file_ids: str) -> None:
    """Release files of this session that are not needed any more."""
    context = get_script_run_ctx()
    if context is not None and streamlit_runtime.exists():
        for file_id in file_ids:
            file_manager().remove_file(context.session_id, file_id)


def sentence(reason: Refusal, name: str) -> str:
    """Why the file of this name was refused."""
    match reason:
        case "large":
            return t("{name} was not uploaded: a file can be up to {size} MB.", name=name, size=largest_mb())
        case "session":
            return t(
                "{name} was not uploaded: the files of one tab can be {size} MB in total. Reload the page and "
                "try again.",
                name=name,
                size=largest_mb(),
            )
        case "visitor":
            return t("{name} was not uploaded: your tabs hold too many files. Send some, or close tabs.", name=name)
        case "files":
            return t(
                "{name} was not uploaded: one tab can hold {number} files. Reload the page and try again.",
                name=name,
                number=FILES,
            )
        case "address" | "process":
            return t(
                "{name} was not uploaded: the server has no room for it right now. Try again in a minute.", name=name
            )
        case "length":
            return t("{name} was not uploaded: the request does not state its length.", name=name)


def note_arrival(file_id: str) -> None:
    """Note that the file was sent to this process."""
    _remember(_arrived, file_id, None, ARRIVALS)


def place_refused(session: str, file_id: str, name: str, reason: Refusal, event_id: str) -> None:
    """Put an empty file in the place of a refused one, so that its page can say why."""
    file_manager().add_file(session, UploadedFileRec(file_id, name, "application/octet-stream", b""))
    _remember(_refused, file_id, (reason, event_id), REMEMBERED)


def _remember(names: OrderedDict[str, Any], name: str, value: Any, most: int) -> None:
    names[name] = value
    while len(names) > most:
        names.popitem(last=False)


def lost() -> str:
    """A sentence if this session has just handed in files that are not here; "" if not."""
    context = get_script_run_ctx()
    event_id = _lost.pop(context.session_id, "") if context else ""
    moved = t("The connection moved to another server, which does not have your files. Attach them again.")
    return error_id.after(moved, event_id) if event_id else ""


def watch_for_lost_files() -> None:
    """Notice files that a page has uploaded to another process, such as a replica that died. Streamlit leaves them out
    without a word, and a question would be sent without them."""
    manager = file_manager()
    files_of = manager.get_files

    def get_files(session_id: str, file_ids: Sequence[str]) -> Any:
        if missing := [file_id for file_id in file_ids if file_id not in _arrived]:
            for file_id in missing:  # told once
                note_arrival(file_id)
            _remember(_lost, session_id, events.log("upload_lost", files=len(missing)), REMEMBERED)
        return files_of(session_id, file_ids)

    manager.get_files = get_files


def runtime() -> Runtime:
    return streamlit_runtime.get_instance()


def file_manager() -> Any:
    """Streamlit's file manager: files by session, then by file id."""
    return runtime().uploaded_file_mgr


def is_active(session: str) -> bool:
    """Whether the tab is connected."""
    return runtime().is_active_session(session)
