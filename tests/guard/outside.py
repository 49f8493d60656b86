"""No test reaches another computer: every way out of this process is closed, and each try is reported.

An attempt raises `Outside`, which is no OSError, so that code that treats a failed connection as ordinary weather
does not swallow it quietly; where it is swallowed all the same, the report remains.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any


class Outside(RuntimeError):
    """Something tried to reach another computer."""


def forbid(report: Callable[[str], None]) -> None:
    """Close this process; `report` is called, in whatever thread it happens, with what was tried."""

    def check(event: str, host: object) -> None:
        if not is_here(host):
            report(f"{event} {host!r}")
            raise Outside(f"{event} {host!r}: tests may only reach this computer")

    def guarded_socket(name: str) -> None:
        real = getattr(socket.socket, name)

        def call(self: socket.socket, *arguments: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(arguments[-1], tuple):
                check(name, arguments[-1][0])
            return real(self, *arguments)

        setattr(socket.socket, name, call)

    def guarded_lookup(name: str) -> None:
        real = getattr(socket, name)

        def call(host: Any = None, *arguments: Any, **options: Any) -> Any:
            if str(host).endswith(".invalid"):  # reserved: there is never such a host
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            check(name, host)
            return real(host, *arguments, **options)

        setattr(socket, name, call)

    for name in ("connect", "connect_ex", "sendto"):
        guarded_socket(name)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        guarded_lookup(name)


def is_here(host: object) -> bool:
    """Whether `host`, as given to a socket or a look-up, is this computer."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False
