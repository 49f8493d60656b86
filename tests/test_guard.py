"""The ban on the internet, which all other tests rely on, holds."""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
import requests

from tests.guard.outside import Outside, is_here

GUARD = Path(__file__).parent / "guard"
ELSEWHERE = "192.0.2.1"  # reserved for documentation


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", b"localhost", "", None])
def test_this_computer_is_here(host: str | bytes | None) -> None:
    assert is_here(host)


@pytest.mark.parametrize("host", [ELSEWHERE, "10.0.0.1", "192.168.1.1", "0.0.0.0", "2001:db8::1", "example.com"])
def test_all_others_are_elsewhere(host: str) -> None:
    assert not is_here(host)


def test_sockets_and_lookups_are_closed(outside_attempts: list[str]) -> None:
    with pytest.raises(Outside):
        socket.create_connection((ELSEWHERE, 80), timeout=1)
    with pytest.raises(Outside):
        socket.getaddrinfo("example.com", 443)
    with socket.socket() as connection, pytest.raises(Outside):
        connection.connect_ex((ELSEWHERE, 80))
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, pytest.raises(Outside):
        datagrams.sendto(b"", (ELSEWHERE, 53))
    assert len(outside_attempts) == 4
    outside_attempts.clear()


def test_requests_is_closed(outside_attempts: list[str]) -> None:
    with pytest.raises(Outside):
        requests.get("http://example.com", timeout=1)
    assert outside_attempts
    outside_attempts.clear()


@pytest.mark.parametrize("host", [ELSEWHERE, "example.com"])
async def test_aiohttp_is_closed(host: str, outside_attempts: list[str]) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(Outside):
            await session.get(f"http://{host}/")
    assert outside_attempts
    outside_attempts.clear()


async def test_asyncio_is_closed(outside_attempts: list[str]) -> None:
    with pytest.raises(Outside):
        await asyncio.open_connection(ELSEWHERE, 80)
    outside_attempts.clear()


def test_a_host_that_never_exists_is_not_looked_up() -> None:
    with pytest.raises(socket.gaierror):
        socket.create_connection(("nowhere.invalid", 80), timeout=1)


def test_this_computer_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_a_swallowed_attempt_fails_the_test_all_the_same(pytester: pytest.Pytester) -> None:
    source = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    pytester.makeconftest(source.replace("parents[1]", "parent"))
    pytester.makepyfile(
        """
        import contextlib, socket

        def test_careless():
            with contextlib.suppress(Exception):
                socket.create_connection(("192.0.2.1", 80), timeout=1)
        """
    )
    pytester.makeini(f"[pytest]\npythonpath = {shlex.quote(str(Path(__file__).parents[1]))}\n")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*tried to reach another computer*192.0.2.1*"])


def test_a_started_process_is_closed_too(tmp_path: Path) -> None:
    report = tmp_path / "report"
    environment = {**os.environ, "PYTHONPATH": str(GUARD), "OUTSIDE_REPORT": str(report)}
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Outside" in done.stderr
    assert ELSEWHERE in report.read_text(encoding="utf-8")


def test_no_key_or_proxy_of_this_computer_is_seen() -> None:
    assert not [name for name in os.environ if name.endswith("_API_KEY") or "PROXY" in name.upper()]
