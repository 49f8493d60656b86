"""`python -m bench.rebinding`: both transports against a name server that changes its mind, over UDP, without a fake.

In a network namespace of its own (`unshare`, of root or of anybody where the system allows it) the C library asks our
name server on 127.0.0.1:53, and servers listen at addresses of metadata services. Each name is called twice. Prints
what came of it, and exits with 1 where a server at a forbidden address was reached.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from core.errors import LLMError
from core.net.sending import Requests
from core.net.streaming import Aiohttp
from core.net.transport import Timeouts
from core.providers.addresses import denied
from core.records import HttpRequest

PORT = 8080
GOOD, METADATA, METADATA_6 = "127.0.0.1", "169.254.169.254", "fd00:ec2::254"
A, CNAME, AAAA = 1, 5, 28
TIMEOUTS = Timeouts(connect_s=3, headers_s=5, answer_s=5)
Records = Mapping[int, Sequence[str]]  # by type
# What each name answers first, and from the second time on.
ZONE: Mapping[str, tuple[Records, Records]] = {
    "plain.rebind.test": ({A: [METADATA]}, {A: [METADATA]}),
    "alias.rebind.test": ({CNAME: ["metadata.example"], A: [METADATA]},) * 2,
    "second-family.rebind.test": ({A: [GOOD], AAAA: [METADATA_6]},) * 2,
    "two-addresses.rebind.test": ({A: [GOOD, METADATA]},) * 2,
    "turning.rebind.test": ({A: [GOOD]}, {A: [METADATA]}),
    "turning-family.rebind.test": ({A: [GOOD]}, {A: [GOOD], AAAA: [METADATA_6]}),
    "turning-alias.rebind.test": ({A: [GOOD]}, {CNAME: ["metadata.example"], A: [METADATA]}),
}


def name_server(queries: Counter[tuple[str, int]]) -> None:
    """Serve `ZONE` with a TTL of 0, for ever; `queries` counts them by name and type."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((GOOD, 53))
        while True:
            query, peer = server.recvfrom(2048)
            end = query.index(b"\0", 12) + 1
            name = ".".join(_labels(query[12:end]))
            (kind,) = struct.unpack(">H", query[end : end + 2])
            records = ZONE[name][min(queries[name, kind], 1)] if name in ZONE else {}
            queries[name, kind] += 1
            answers = list(_answers(name, kind, records))
            head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, len(answers), 0, 0)
            server.sendto(head + query[12 : end + 4] + b"".join(answers), peer)


def _answers(name: str, kind: int, records: Records) -> list[bytes]:
    aliases = [_record(name, CNAME, _encoded(alias)) for alias in records.get(CNAME, ())]
    end = records.get(CNAME, (name,))[0]
    family = socket.AF_INET6 if kind == AAAA else socket.AF_INET
    addresses = records.get(kind, ()) if kind in (A, AAAA) else ()
    return aliases + [_record(end, kind, socket.inet_pton(family, address)) for address in addresses]


def _record(name: str, kind: int, data: bytes) -> bytes:
    return _encoded(name) + struct.pack(">HHIH", kind, 1, 0, len(data)) + data


def _encoded(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def _labels(encoded: bytes) -> list[str]:
    labels = []
    while size := encoded[0]:
        labels.append(encoded[1 : size + 1].decode().lower())
        encoded = encoded[size + 1 :]
    return labels


class Listening(BaseHTTPRequestHandler):
    """Notes at which address a request arrived."""

    reached: ClassVar[Counter[str]] = Counter()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.reached[str(self.request.getsockname()[0])] += 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


def listen(address: str) -> None:
    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET

    threading.Thread(target=Server((address, PORT), Listening).serve_forever, daemon=True).start()


def request(name: str) -> HttpRequest:
    return HttpRequest("POST", f"http://{name}:{PORT}/", {"Authorization": "Bearer canary"}, {}, "json")


def sent(name: str) -> list[str]:
    transport = Requests(TIMEOUTS, denied)
    return [_outcome(lambda: transport.send(request(name))[1].decode()) for _ in range(2)]


def streamed(name: str) -> list[str]:
    """Each call by a transport of its own: one transport would stay with the address that it has checked."""

    async def call() -> str:
        async with Aiohttp(TIMEOUTS, denied).open(request(name)) as reply:
            return b"".join([data async for data in reply.chunks()]).decode()

    return [_outcome(lambda: asyncio.run(call())) for _ in range(2)]


def _outcome(call: Callable[[], str]) -> str:
    try:
        return call()
    except LLMError as error:
        return "refused" if "never called" in error.message else error.message


def inside() -> int:
    """In the namespace."""
    queries: Counter[tuple[str, int]] = Counter()
    for address in (GOOD, METADATA, METADATA_6):
        listen(address)
    threading.Thread(target=name_server, args=(queries,), daemon=True).start()
    report: dict[str, dict[str, list[str]]] = {}
    for transport in (sent, streamed):
        queries.clear()
        report[transport.__name__] = {name: transport(name) for name in ZONE}
        assert all(queries[name, A] == 2 for name in ZONE), "the name server was not asked"
    print(json.dumps({**report, "requests by address": Listening.reached}, indent=1))
    return int(set(Listening.reached) != {GOOD})


def main() -> int:
    unshare = shutil.which("unshare")
    if unshare is None:
        print("unshare (util-linux) is missing", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        resolver = Path(folder) / "resolv.conf"
        resolver.write_text(f"nameserver {GOOD}\noptions timeout:1 attempts:1\n")
        commands = (
            "ip link set lo up",
            f"ip address add {METADATA}/32 dev lo",
            f"ip address add {METADATA_6}/128 dev lo",
            f"mount --bind {resolver} /etc/resolv.conf",
            f"exec {sys.executable} -m bench.rebinding inside",
        )
        done = subprocess.run(
            [unshare, "--map-root-user", "--mount", "--net", "sh", "-ec", "\n".join(commands)],
            env={**os.environ, "PYTHONPATH": os.getcwd()},
            timeout=120,
            check=False,
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(inside() if sys.argv[1:] == ["inside"] else main())
