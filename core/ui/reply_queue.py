"""Keeps replies to a browser's own requests where Streamlit empties what waits to be sent.

A page run that begins empties the session's queue but for a few kinds of message. An address for an upload, or a file
made for a download, that was asked for a moment before was lost with the rest, and the browser waited for it for good:
a file that was dropped into the chat box never appeared there.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

REPLIES = ("file_urls_response", "backend_operation_response", "heartbeat_ack")


def install() -> None:
    """For this process; again changes nothing."""
    clear = ForwardMsgQueue.clear
    if hasattr(clear, "__wrapped__"):
        return

    @wraps(clear)
    def clear_but_replies(
        queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: Any = None
    ) -> None:
        replies = [message for message in queue._queue if message.WhichOneof("type") in REPLIES]
        clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)
        if retain_lifecycle_msgs:
            left = set(map(id, queue._queue))
            queue._queue += [reply for reply in replies if id(reply) not in left]

    ForwardMsgQueue.clear = clear_but_replies  # type: ignore[method-assign, assignment]
