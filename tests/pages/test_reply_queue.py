"""Replies to a browser's own requests, when a page run begins before they were sent."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from core.ui import reply_queue


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)
    reply_queue.install()
    reply_queue.install()


def filled() -> ForwardMsgQueue:
    queue = ForwardMsgQueue()
    addresses, download, text = ForwardMsg(), ForwardMsg(), ForwardMsg()
    addresses.file_urls_response.response_id = "for a file"
    download.backend_operation_response.request_id = "for a download"
    text.delta.new_element.markdown.body = "of the run that ended"
    for message in (addresses, text, download):
        queue.enqueue(message)
    return queue


def kinds(queue: ForwardMsgQueue) -> list[str | None]:
    return [message.WhichOneof("type") for message in queue.flush()]


@pytest.mark.parametrize("fragments", [None, [""]])
def test_a_page_run_that_begins_loses_no_reply(fragments: list[str] | None) -> None:
    queue = filled()
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    text = ForwardMsg()
    text.delta.new_element.markdown.body = "of the new run"
    queue.enqueue(text)
    assert kinds(queue) == ["file_urls_response", "backend_operation_response", "delta"]


def test_what_was_sent_is_not_sent_again() -> None:
    queue = filled()
    assert kinds(queue) == ["file_urls_response", "delta", "backend_operation_response"]
    queue.clear(retain_lifecycle_msgs=True)
    assert kinds(queue) == []
