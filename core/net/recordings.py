"""What was sent for an answer and what came back, as it was on the wire, for the person who asked.

In the memory of this process only, never on disk: for so many minutes, at most so many answers, and cut to a size. Keys
are not in it: the request is kept as it was before it was signed, and what comes back is cleaned like all replies.
Pictures and files are not in it either: in their place stand their size and hash (`elided`).
"""

from __future__ import annotations

import json
import re
import threading
import time
from base64 import b64decode
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

from ..records import Head, HttpRequest, WireRecord
from .exchange import ReplyRedactor
from .transport import Response, Sending, Streaming

MOST_ANSWERS = 500
DATA_FIELDS = frozenset({"url", "image_url", "document_url", "data", "file_data", "images"})
LONG_CHARS = 500
_LONG_DATA = re.compile(rf"[A-Za-z0-9+/_-]{{{LONG_CHARS},}}={{0,2}}")
_URL_SAFE = str.maketrans("-_", "+/")


class Recordings:
    """Of one process; thread-safe. `most_bytes` of a request and of a reply; 0: nothing is recorded."""

    def __init__(self, most_bytes: int, keep_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most_bytes = most_bytes
        self._keep_s = keep_s
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, str], tuple[float, str, list[Recorder]]] = OrderedDict()

    def begin(
        self, owner_id: str, request_id: str, conversation_id: str, request: HttpRequest, redactor: ReplyRedactor
    ) -> Recorder:
        """A recorder for the next attempt of an answer."""
        recorder = Recorder(request, redactor, self.most_bytes)
        key = owner_id, request_id
        with self._lock:
            self._drop_old()
            _, _, attempts = self._answers.pop(key, (0.0, "", []))
            self._answers[key] = self._clock(), conversation_id, [*attempts, recorder]
            while len(self._answers) > MOST_ANSWERS:
                self._answers.popitem(last=False)
        return recorder

    def of(self, owner_id: str, request_id: str) -> list[WireRecord]:
        """The attempts of an answer, oldest first; [] for another owner's, and where nothing is kept any more."""
        with self._lock:
            self._drop_old()
            _, _, attempts = self._answers.get((owner_id, request_id), (0.0, "", []))
        return [recorder.record() for recorder in attempts]

    def has(self, owner_id: str, request_id: str) -> bool:
        with self._lock:
            self._drop_old()
            return (owner_id, request_id) in self._answers

    def forget(self, owner_id: str, conversation_id: str | None = None) -> None:
        """Drop those of a conversation, or all of a person."""
        with self._lock:
            for key, (_, place, _) in list(self._answers.items()):
                if key[0] == owner_id and conversation_id in (None, place):
                    del self._answers[key]

    def _drop_old(self) -> None:
        for key, (at, _, _) in list(self._answers.items()):
            if self._clock() - at <= self._keep_s:
                return
            del self._answers[key]


def elided(value: Any, name: str = "") -> Any:
    """A request's body with the bytes of pictures, sounds and files as one line each."""
    match value:
        case str() if name in DATA_FIELDS and len(value) >= LONG_CHARS:
            return _LONG_DATA.sub(_in_place_of, value)
        case Mapping():
            return {key: elided(inner, key) for key, inner in value.items()}
        case list():
            return [elided(inner, name) for inner in value]
    return value


def _in_place_of(data: re.Match[str]) -> str:
    try:
        content = b64decode(data[0].translate(_URL_SAFE) + "=" * (-len(data[0]) % 4))
    except ValueError:
        return f"… {len(data[0])} characters …"
    return f"… {len(content)} bytes, SHA-256 {sha256(content).hexdigest()} …"


class Recorder:
    """One exchange while it goes on. Stands between the reader and a transport, and passes everything on."""

    def __init__(self, request: HttpRequest, redactor: ReplyRedactor, most_bytes: int) -> None:
        self._request = replace(request, body=elided(request.body))
        self._redactor = redactor
        self._most_bytes = most_bytes
        self._head: Head | None = None
        self._body = bytearray()
        self._size = 0

    def streaming(self, transport: Streaming) -> Streaming:
        return _Streaming(self, transport)

    def sending(self, transport: Sending) -> Sending:
        return _Sending(self, transport)

    def came(self, head: Head) -> None:
        self._head = head

    def add(self, data: bytes) -> None:
        self._size += len(data)
        if (room := self._most_bytes - len(self._body)) > 0:
            self._body += data[:room]

    def record(self) -> WireRecord:
        request, head = self._request, self._head
        body = json.dumps(request.body, ensure_ascii=False, indent=2) if request.body is not None else ""
        reply = _LONG_DATA.sub(_in_place_of, bytes(self._body).decode("utf-8", "replace"))
        return self._redactor.clean(
            WireRecord(
                method=request.method,
                url=request.url,
                headers=dict(request.headers),
                body=body[: self._most_bytes],
                body_chars=len(body),
                status=head.status if head else None,
                reply_headers=dict(head.headers) if head else {},
                reply=reply,
                reply_bytes=self._size,
            )
        )


class _Streaming:
    def __init__(self, recorder: Recorder, transport: Streaming) -> None:
        self._recorder, self._transport = recorder, transport

    def open(self, request: HttpRequest) -> AbstractAsyncContextManager[Response]:
        return self._open(request)

    @asynccontextmanager
    async def _open(self, request: HttpRequest) -> AsyncIterator[Response]:
        async with self._transport.open(request) as reply:
            self._recorder.came(reply.head)
            yield _Recorded(self._recorder, reply)


class _Recorded:
    def __init__(self, recorder: Recorder, reply: Response) -> None:
        self._recorder, self._reply = recorder, reply

    @property
    def head(self) -> Head:
        return self._reply.head

    async def chunks(self) -> AsyncIterator[bytes]:
        async for data in self._reply.chunks():
            self._recorder.add(data)
            yield data

    def abort(self) -> None:
        self._reply.abort()


class _Sending:
    def __init__(self, recorder: Recorder, transport: Sending) -> None:
        self._recorder, self._transport = recorder, transport

    def send(self, request: HttpRequest) -> tuple[Head, bytes]:
        head, body = self._transport.send(request)
        self._recorder.came(head)
        self._recorder.add(body)
        return head, body
