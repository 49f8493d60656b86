"""The process that reads documents: `python -m core.documents.worker`, one request after another over its pipes.

A request is a line of JSON (name, size, pages, password) and the bytes; the reply a line of JSON. Only here are the
libraries imported that open what strangers have written; the app's own process never parses a document.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import Any, BinaryIO

from ..errors import BlockedInput
from .bounds import MEMORY_BYTES, ReadingBounds
from .kinds import MEDIA_TYPES, broken, fault, kind_of
from .reading import DocumentPage, DocumentText

IDLE_S = 120.0  # without a request, then the process ends
TIRED_BYTES = 350_000_000  # a process that has grown to this is replaced


def main() -> None:
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not be taken for a reply
    is_bounded = _bound()
    replies.write(json.dumps({"ready": True, "bounded": is_bounded}).encode() + b"\n")
    replies.flush()
    while True:
        watch = threading.Timer(IDLE_S, os._exit, (0,))
        watch.daemon = True
        watch.start()
        head = requests.readline()
        watch.cancel()
        if not head:
            return
        request = json.loads(head)
        reply = answer(request, _bytes(requests, int(request["size"])))
        reply["peak_bytes"] = peak = _peak_bytes()
        reply["last"] = bool(reply.get("hurt")) or (peak or 0) > TIRED_BYTES
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()
        if reply["last"]:
            os._exit(0)


def _bytes(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        os._exit(1)
    return data


def answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """The reading as plain values, or `error` with a sentence and its code."""
    name = str(request["name"])
    wanted = request.get("pages")
    budget = ReadingBounds(frozenset(wanted) if wanted is not None else None)
    try:
        return asdict(read(name, data, budget, str(request.get("password") or "")))
    except BlockedInput as error:
        return {"error": str(error), "code": error.code}
    except MemoryError:
        message = f"{name} needs more memory than is given to one document: attach fewer pages, or its text."
        return {"error": message, "code": "too_large", "hurt": True}
    except ImportError as error:
        message = f"{name} cannot be read: this server lacks {error.name}. Attach its text instead."
        return {"error": message, "code": "off"}
    except Exception as error:  # what the libraries raise for broken files is not written anywhere
        if "entit" in str(error).lower() or type(error).__module__.startswith("defusedxml"):
            message = f"{name} declares XML entities, as attacks do: save it again from its program."
            return {"error": message, "code": "unsafe"}
        return {"error": str(broken(name)), "code": "broken", "cause": f"{type(error).__name__}: {error}"[:300]}


def read(name: str, data: bytes, budget: ReadingBounds, password: str = "") -> DocumentText:
    kind = kind_of(name, data)
    match kind:
        case "pdf":
            from .formats import pdf

            content = pdf.read(name, data, budget, password)
        case "docx":
            from .formats import word

            content = word.read(name, data, budget)
        case "xlsx":
            from .formats import sheets

            content = sheets.read(name, data, budget)
        case "pptx":
            from .formats import slides

            content = slides.read(name, data, budget)
        case "epub":
            from .formats import book

            content = book.read(name, data, budget)
        case "rtf":
            from .formats import rich

            content = rich.read(name, data, budget)
        case _:
            from .formats import plain

            kind, content = plain.read(name, data, budget)
    pages = tuple(
        DocumentPage(page.number, _clean(page.label), budget.cut_to_room(_clean(page.text)), page.is_picture)
        for page in content.pages
    )
    has_text = any((page.text.strip() or (kind == "pptx" and page.label)) and not page.is_picture for page in pages)
    if not has_text and kind != "pdf":
        raise fault(f"{name} has no text in it: attach a file with text.", "empty")
    return DocumentText(
        kind,
        MEDIA_TYPES[kind],
        content.unit,
        pages,
        content.page_count,
        budget.left_out,
        bool(pages) and not has_text,
    )


def _clean(text: str) -> str:
    """Without NUL and lone surrogates, which no database takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _bound() -> bool:
    """Bound this process's memory; False where the system has no such bound (Windows, macOS)."""
    try:
        import resource
    except ImportError:
        return False
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ValueError, OSError):
        return False
    return sys.platform != "darwin"  # takes the bound and does not hold it


def _peak_bytes() -> int | None:
    """The most memory that this process has had at once; None where the system does not say."""
    with suppress(OSError), open("/proc/self/status", encoding="ascii", errors="replace") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")), None)
    return None  # getrusage would begin with the peak of the process that started this one


if __name__ == "__main__":
    main()
