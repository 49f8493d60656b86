"""deploy/nginx.conf for real, on loopback: Debian's nginx, with TLS, before replicas on Debian's PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bench.process import ROOT, free_port

START_S = 60.0
STOP_S = 60.0
COOKIE_SECRET = "the same for all replicas"


class Running(Protocol):
    """A started process."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...


Start = Callable[[Sequence[str], dict[str, str], Path], Running]  # command, environment, file for what it writes


def missing() -> str:
    """Which of Debian's programs is not installed; "" if all are."""
    programs = {"nginx": shutil.which("nginx", path="/usr/sbin:/usr/bin"), "PostgreSQL": _postgres_programs()}
    return ", ".join(name for name, path in programs.items() if path is None)


class Replica:
    """One process of the app. `port` stays the same when it is started again."""

    def __init__(self, name: str, folder: Path, start: Start, environ: dict[str, str]) -> None:
        self.port = free_port()
        self.log = folder / f"{name}.log"
        self._start = start
        self._environ = {**environ, "ROUNDTABLE_DATA_FOLDER": str(folder / name)}
        self.process = self._begin()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def restart(self) -> None:
        self.process = self._begin()

    def revive(self) -> None:
        """Start it again if it has ended."""
        if self.process.poll() is not None:
            self.restart()

    def _begin(self) -> Running:
        words = "-m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.headless true --server.port"
        return self._start([sys.executable, *words.split(), str(self.port)], self._environ, self.log)


class Deployment:
    """`url` is the address over TLS, `plain_url` the one without, `certificate` what a client has to trust."""

    def __init__(self, folder: Path, start: Start, databases: Sequence[str], environ: dict[str, str]) -> None:
        common = {"STREAMLIT_SERVER_COOKIE_SECRET": COOKIE_SECRET, "ROUNDTABLE_TRUSTED_PROXIES": "1", **environ}
        self.folder = folder
        self.replicas = [
            Replica(f"replica-{n}", folder, start, {**common, "DATABASE_URL": url})
            for n, url in enumerate(databases, 1)
        ]
        tls_port, plain_port = free_port(), free_port()
        self.url, self.plain_url = f"https://localhost:{tls_port}", f"http://localhost:{plain_port}"
        self.certificate = folder / "tls" / "fullchain.pem"
        make_certificate(folder / "tls")
        render(folder, [replica.port for replica in self.replicas], tls_port, plain_port)
        self._nginx = start(_nginx_command(folder), {}, folder / "nginx.log")

    @property
    def access_log(self) -> str:
        return (self.folder / "access.log").read_text(encoding="utf-8")

    def stop(self) -> None:
        processes = [self._nginx, *(replica.process for replica in self.replicas)]
        for _ in range(2):  # the app waits for nothing after a second signal
            for process in processes:
                if process.poll() is None:
                    os.kill(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()


def render(folder: Path, ports: Sequence[int], tls_port: int, plain_port: int) -> None:
    """Write the shipped files with ports and paths of this computer; every one of these words must be there."""
    tls = (ROOT / "deploy/nginx-tls.conf").read_text(encoding="utf-8")
    tls = _replace(tls, "listen 8443", f"listen 127.0.0.1:{tls_port}")
    tls = _replace(tls, "/etc/nginx/tls", str(folder / "tls"))
    tls = _replace(tls, "https://$host", f"https://$host:{tls_port}")
    (folder / "tls" / "tls.conf").write_text(tls, encoding="utf-8")
    text = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
    for n, port in enumerate(ports, 1):
        text = _replace(text, f"app-{n}:8501", f"127.0.0.1:{port}")
    text = _replace(text, "listen 8080", f"listen 127.0.0.1:{plain_port}")
    text = _replace(text, "/etc/nginx/tls", str(folder / "tls"))
    text = _replace(text, "/var/log/nginx/access.log", str(folder / "access.log"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"    {kind}_temp_path {folder / kind};\n" for kind in kinds)
    text = _replace(text, "http {\n", f"http {{\n{temporary}")
    (folder / "nginx.conf").write_text(text, encoding="utf-8")


def _replace(text: str, before: str, after: str) -> str:
    if before not in text:
        raise ValueError(f"the shipped configuration has no {before!r}")
    return text.replace(before, after)


def _nginx_command(folder: Path) -> list[str]:
    own = f"daemon off; pid {folder / 'nginx.pid'}; error_log stderr warn;"
    if os.geteuid() == 0:
        own += " user root;"  # its workers could not reach the folder as somebody else
    return ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", own]


def make_certificate(folder: Path) -> None:
    """A certificate for localhost that signs itself, and its key."""
    folder.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def _postgres_programs() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


@contextmanager
def postgresql() -> Iterator[int]:
    """The port of a fresh server, gone afterwards; the database and its user are called roundtable."""
    programs, port = _postgres_programs(), free_port()
    assert programs
    folder = Path(tempfile.mkdtemp(prefix="rt-postgres-"))
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    data, log = str(folder / "data"), folder / "log"
    new = [
        str(programs / "initdb"),
        "-D",
        data,
        "-U",
        "roundtable",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    subprocess.run(new, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    run = [str(programs / "postgres"), "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", str(folder)]
    with log.open("wb") as output, subprocess.Popen(run, user=user, cwd=folder, stderr=output) as server:
        try:
            _create_database(port, server, log)
            yield port
        finally:
            server.send_signal(signal.SIGINT)  # "fast": connections are ended
            server.wait(STOP_S)
            shutil.rmtree(folder, ignore_errors=True)


def _create_database(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    """As soon as the server lets anybody in."""
    until = time.monotonic() + START_S
    while server.poll() is None and time.monotonic() < until:
        try:
            with psycopg.connect(database_url(port, "postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE roundtable")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"PostgreSQL did not start: {log.read_text(errors='replace')}")


def database_url(port: int, name: str = "roundtable") -> str:
    return f"postgresql://roundtable@127.0.0.1:{port}/{name}"
