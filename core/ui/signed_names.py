"""Signs the names of visitors: the second half is an HMAC of the first.

The secret is Streamlit's `server.cookieSecret` if it is set, as replicas must do; otherwise a file in the data folder,
created on first use. If no file can be written, the secret lasts as long as the process.
"""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from secrets import token_bytes, token_hex

from streamlit import config

FILE = "visitor-secret"
HALF = 16  # hexadecimal digits
_PURPOSE = b"names of visitors"


def new_name(folder: Path) -> str:
    """32 hexadecimal digits: 64 random bits and a signature of 64 bits."""
    first = token_hex(HALF // 2)
    return first + _signature(first, folder)


def is_signed(name: str, folder: Path) -> bool:
    return hmac.compare_digest(name[HALF:], _signature(name[:HALF], folder))


def keyed_hash(purpose: str, text: str, folder: Path) -> str:
    """A hash that nobody can make or search without this server's secret: 64 hexadecimal digits."""
    return hmac.digest(_secret(folder), f"{purpose}\n{text}".encode("utf-8", "surrogatepass"), "sha256").hex()


def _signature(first: str, folder: Path) -> str:
    return hmac.digest(_secret(folder), _PURPOSE + first.encode(), "sha256").hex()[:HALF]


@cache
def _secret(folder: Path) -> bytes:
    if config.is_manually_set("server.cookieSecret"):
        return str(config.get_option("server.cookieSecret")).encode()
    path = folder / FILE
    with suppress(OSError):
        _make(path)
    with suppress(OSError):
        if stored := path.read_bytes():
            return stored
    return token_bytes(32)


def _make(path: Path) -> None:
    """Write the file atomically, and never over another process's."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(token_bytes(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was first
        except OSError:  # a file system without hard links
            draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
