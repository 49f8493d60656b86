"""Which names this server answers to, and which pages may talk to it: the Host and Origin headers, read strictly.

A page of another site can point a name of its own at this server (DNS rebinding), so a name must be known; an address
written as a number cannot be pointed elsewhere. A page on another port of the same host is another site.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}))(?::(\d{1,5}))?")
_ORIGIN = re.compile(r"(https?)://([^/?#@\\\s]+)", re.IGNORECASE)
_DEFAULT_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Host:
    """A name in lower case without its last dot, or an IP address in its shortest form; the port where one is named."""

    name: str
    port: int | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """`own` are this computer's names. `listed` are `name`, `*.name`, `name:port` or `*`, as a person wrote them."""

    own: frozenset[str] = frozenset()
    listed: tuple[str, ...] = ()

    def answer_to(self, host: Host) -> bool:
        """Whether this server answers to `host`, on whatever port."""
        is_local = host.name == "localhost" or host.name.endswith(".localhost") or host.name in self.own
        return host.is_number or is_local or self._lists(host.name)

    def let_in(self, origin: str, host: Host, *, secure: bool) -> bool:
        """Whether a page of `origin` may talk to this server, which it called `host`; `secure` where that was TLS.

        It must be this server's own page: the same host and port. Where a proxy calls the server by an inner name, the
        page's name must be a listed one, on the port that is listed with it or the scheme's own.
        """
        read = _ORIGIN.fullmatch(origin)
        page = parse(read[2]) if read else None
        if read is None or page is None or (secure and read[1].lower() != "https"):
            return False
        own_port = _DEFAULT_PORT[read[1].lower()]
        port = None if page.port == own_port else page.port
        if page.name == host.name:
            return port == (None if host.port in (80, 443) else host.port)
        return not self._lists(host.name) and self._lists(page.name, port or own_port, own_port)

    def _lists(self, name: str, port: int | None = None, own_port: int | None = None) -> bool:
        """Whether the name is listed; with `port`, whether it is listed with that one."""
        for entry in self.listed:
            if entry == "*":
                if port is None:
                    return True
                continue
            listed_name, _, number = (
                entry.lower().rpartition(":") if re.search(r":\d+$", entry) else (entry.lower(), "", "")
            )
            listed_name = listed_name.rstrip(".")
            matches = name.endswith(listed_name[1:]) if listed_name.startswith("*.") else name == listed_name
            if matches and (port is None or port == (int(number) if number else own_port)):
                return True
        return False


def parse(text: str) -> Host | None:
    """The host of a Host header; None where it is not clear."""
    read = _HOST.fullmatch(text)
    if read is None or (read[2] and not 0 < int(read[2]) < 65536):
        return None
    name, port = read[1].lower(), int(read[2]) if read[2] else None
    try:
        number = ip_address(name.strip("[]"))
    except ValueError:
        return None if name.startswith("[") else Host(name.removesuffix("."), port)
    if isinstance(number, IPv6Address) != name.startswith("["):
        return None
    return Host(str(number), port, is_number=True)
