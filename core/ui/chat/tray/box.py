"""What lies in Streamlit's box: files are uploaded as they are chosen, and handed to a script with the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx


@dataclass(frozen=True, slots=True)
class BoxFile:
    name: str
    file_id: str
    data: bytes

    def getvalue(self) -> bytes:
        return self.data


def files(names: Sequence[str]) -> list[BoxFile]:
    """This session's uploads with these names, in their order; of two with one name the older first."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return []
    storage = getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {})
    records = list(storage.get(context.session_id, {}).values())
    records = [record for record in records if record.name in names]
    records.sort(key=lambda record: names.index(record.name))
    return [BoxFile(record.name, record.file_id, record.data) for record in records]
