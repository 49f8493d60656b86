"""The other end of the worker: start it, ask it, kill it when a document takes too long."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import BlockedInput
from .bounds import HARD_S, MEMORY_BYTES
from .kinds import fault
from .reading import DocumentPage, DocumentText

AT_ONCE = 2  # documents that are read at the same time; the next ones wait
REPLY_BYTES = 64_000_000
START_S = 30.0
ROOM = __name__.rpartition(".")[0]  # "core.documents", or "roundtable.documents" where it is installed
ABOVE = Path(__file__).resolve().parents[2]
# What a worker gets of the environment: keys are not among it.
PASSED = ["PATH", "SYSTEMROOT", "TEMP", "TMP", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV"]


class DocumentReader:
    """Reads documents in worker processes, which are kept for the next document and replaced when one was too much
    for them. Safe to use from several threads; starts nothing before the first document."""

    def __init__(self, hard_s: float = HARD_S, at_once: int = AT_ONCE) -> None:
        self._hard_s = hard_s
        self._turns = threading.BoundedSemaphore(at_once)
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        self.peak_bytes: int | None = None  # of the worker that read last

    def read(self, name: str, data: bytes, *, pages: frozenset[int] | None = None, password: str = "") -> DocumentText:
        """The text of a document, of these pages or all. Blocks for 20 s at most once it has its turn.

        Raises BlockedInput with one sentence about what to do; its `code` is empty, broken, password, legacy, kind,
        unsafe, too_large or too_slow.
        """
        with self._turns:
            reply = self._ask(name, data, pages, password)
        if "error" in reply:
            raise BlockedInput(str(reply["error"]), code=str(reply["code"]), param="files")
        pages_read = tuple(DocumentPage(**page) for page in reply["pages"])
        return DocumentText(
            reply["kind"],
            reply["media_type"],
            reply["unit"],
            pages_read,
            reply["page_count"],
            reply["left_out"],
            reply["is_pictures"],
        )

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def _ask(self, name: str, data: bytes, pages: frozenset[int] | None, password: str) -> Mapping[str, Any]:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is not None and not worker.is_alive():
            worker.end()
            worker = None
        worker = worker or _Worker()
        head = {"name": name, "size": len(data), "pages": sorted(pages) if pages is not None else None}
        reply = worker.ask({**head, "password": password}, data, self._hard_s)
        if reply is None:
            worker.end()
            if worker.timed_out:
                raise fault(
                    f"{name} takes longer than {self._hard_s:.0f} seconds to read: attach fewer pages, or its text.",
                    "too_slow",
                )
            size = f"{MEMORY_BYTES // 1_000_000_000} GB"
            raise fault(
                f"{name} could not be read within {size} of memory: save it again, or attach fewer pages.", "too_large"
            )
        self.peak_bytes = reply.get("peak_bytes")
        if reply.get("last"):
            worker.end()
        else:
            with self._lock:
                self._idle.append(worker)
        return reply


class _Worker:
    def __init__(self) -> None:
        self.timed_out = False
        self._process = subprocess.Popen(  # noqa: S603 - this Python, and a module of ours
            [sys.executable, "-X", "utf8", "-m", f"{ROOM}.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ABOVE,
            env={name: os.environ[name] for name in PASSED if name in os.environ},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        with self._killed_after(START_S):
            if not self._line():
                self.end()
                raise fault("Documents cannot be read: their process does not start. Attach the text instead.", "off")

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, head: Mapping[str, Any], data: bytes, hard_s: float) -> dict[str, Any] | None:
        """The reply; None where the process has ended or was killed."""
        assert self._process.stdin
        with self._killed_after(hard_s):
            try:
                self._process.stdin.write(json.dumps(head).encode() + b"\n")
                self._process.stdin.write(data)
                self._process.stdin.flush()
                reply: dict[str, Any] = json.loads(self._line())
            except (OSError, ValueError):
                return None
        return reply

    def end(self) -> None:
        with suppress(OSError):
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        self._process.wait()

    def _line(self) -> bytes:
        assert self._process.stdout
        return self._process.stdout.readline(REPLY_BYTES)

    def _killed_after(self, seconds: float) -> _Deadline:
        return _Deadline(self, seconds)

    def kill(self) -> None:
        self.timed_out = True
        self._process.kill()


class _Deadline:
    """Kills a worker that is still busy after so many seconds."""

    def __init__(self, worker: _Worker, seconds: float) -> None:
        self._timer = threading.Timer(seconds, worker.kill)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
