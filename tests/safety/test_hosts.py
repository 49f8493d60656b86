"""Host and Origin headers: which names a server answers to, and which pages may talk to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.safety import hosts
from core.safety.hosts import Host, Names

NAMES = Names(
    own=frozenset({"atlas", "atlas.local"}),
    listed=("chat.example.org", "*.apps.example", "Tunnel.Example.:8443"),
)
EVERY = Names(listed=("*",))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("localhost", Host("localhost")),
        ("LocalHost:8501", Host("localhost", 8501)),
        ("chat.example.org.:443", Host("chat.example.org", 443)),
        ("127.0.0.1:1", Host("127.0.0.1", 1, is_number=True)),
        ("[::1]:8501", Host("::1", 8501, is_number=True)),
        ("[0:0:0:0:0:0:0:1]", Host("::1", None, is_number=True)),
        ("[::FFFF:127.0.0.1]", Host("::ffff:7f00:1", None, is_number=True)),
        ("2130706433", Host("2130706433")),
        ("app_1:8501", Host("app_1", 8501)),
    ],
)
def test_a_host_is_read(text: str, read: Host) -> None:
    assert hosts.parse(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ":80", "a b", "a/b", "a@b", "user:x@localhost", "localhost:", "localhost:0", "localhost:65536",
        "localhost:8x", "::1", "[::1", "[1.2.3.4]", "[::1%25eth0]", "[evil]", "локал", "a,b", "localhost#", "-a", ".a",
        "localhost\n", "localhost:1:2", "localhost\\@evil.test",
    ],
)  # fmt: skip
def test_an_unclear_host_is_not(text: str) -> None:
    assert hosts.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "localhost", "localhost:1", "LOCALHOST.", "chat.localhost", "127.0.0.1:8501", "[::1]", "192.168.1.5:8501",
        "10.0.0.1", "203.0.113.7", "[2001:db8::1]:80", "0.0.0.0:8501", "atlas:8501", "Atlas.local", "CHAT.example.org.",
        "chat.example.org", "one.apps.example", "a.b.apps.example:9", "tunnel.example",
    ],
)  # fmt: skip
def test_its_own_names_are_answered_to(text: str) -> None:
    host = hosts.parse(text)
    assert host
    assert NAMES.answer_to(host)


@pytest.mark.parametrize(
    "text",
    [
        "evil.test", "localhost.evil.test", "evil-localhost", "127.0.0.1.evil.test", "127.0.0.1.nip.io", "127.1",
        "2130706433", "0x7f000001", "apps.example", "evilapps.example", "chat.example.org.evil.test", "app",
        "xchat.example.org", "atlas.lan", "a.atlas",
    ],
)  # fmt: skip
def test_other_names_are_not(text: str) -> None:
    host = hosts.parse(text)
    assert host
    assert not NAMES.answer_to(host)
    assert EVERY.answer_to(host)


SAME = [
    ("http://localhost:8501", "localhost:8501"),
    ("http://localhost", "localhost"),
    ("http://localhost", "localhost:80"),
    ("https://chat.example.org", "chat.example.org"),
    ("https://chat.example.org", "chat.example.org:443"),
    ("https://chat.example.org", "chat.example.org:80"),  # TLS ends in front of a proxy on port 80
    ("https://chat.example.org:443", "chat.example.org"),
    ("https://chat.example.org:8443", "chat.example.org:8443"),
    ("HTTPS://Chat.Example.org.", "chat.example.org"),
    ("http://[::1]:8501", "[0:0:0:0:0:0:0:1]:8501"),
    ("http://192.168.1.5:8501", "192.168.1.5:8501"),
]
OTHER = [
    ("null", "localhost:8501"),
    ("", "localhost:8501"),
    ("http://localhost:8502", "localhost:8501"),
    ("http://localhost", "localhost:8501"),
    ("http://localhost:8501", "localhost"),
    ("http://127.0.0.1:8501", "localhost:8501"),
    ("http://[::1]:8501", "127.0.0.1:8501"),
    ("http://localhost:443", "localhost:443"),
    ("https://localhost:80", "localhost"),
    ("http://evil.test:8501", "localhost:8501"),
    ("http://localhost:8501.evil.test", "localhost:8501"),
    ("http://localhost:8501@evil.test", "localhost:8501"),
    ("http://evil.test\\@localhost:8501", "localhost:8501"),
    ("http://localhost:8501/x", "localhost:8501"),
    ("http://localhost:8501 http://evil.test", "localhost:8501"),
    ("file://", "localhost:8501"),
    ("chrome-extension://abcdef", "localhost:8501"),
    ("localhost:8501", "localhost:8501"),
]


@pytest.mark.parametrize(("origin", "called"), SAME)
@pytest.mark.parametrize("names", [NAMES, EVERY])
def test_the_servers_own_page_may_talk_to_it(origin: str, called: str, names: Names) -> None:
    host = hosts.parse(called)
    assert host
    assert names.let_in(origin, host, secure=False)
    assert names.let_in(origin, host, secure=True) is origin.lower().startswith("https")


@pytest.mark.parametrize(("origin", "called"), OTHER)
@pytest.mark.parametrize("names", [NAMES, EVERY])
def test_other_pages_may_not(origin: str, called: str, names: Names) -> None:
    host = hosts.parse(called)
    assert host
    assert not names.let_in(origin, host, secure=False)


@pytest.mark.parametrize("inner", ["localhost:8501", "10.0.0.7:8501", "atlas:8501"])
def test_a_listed_page_is_let_in_behind_a_proxy_that_uses_an_inner_name(inner: str) -> None:
    host = hosts.parse(inner)
    assert host
    for origin in ("https://chat.example.org", "https://one.apps.example", "https://tunnel.example:8443"):
        assert NAMES.let_in(origin, host, secure=False)
    for origin in ("https://chat.example.org:9000", "http://chat.example.org:443", "https://tunnel.example", "null"):
        assert not NAMES.let_in(origin, host, secure=False)


def test_one_listed_page_is_not_let_in_by_another_listed_name() -> None:
    """On a shared domain, the neighbours' apps are listed too."""
    host = hosts.parse("mine.apps.example")
    assert host
    assert NAMES.let_in("https://mine.apps.example", host, secure=True)
    assert not NAMES.let_in("https://evil.apps.example", host, secure=True)


@given(st.text(alphabet="localhst:.[]0123456789@/\\# ,x", max_size=24))
def test_whatever_reads_as_a_host_is_one_clear_host(text: str) -> None:
    host = hosts.parse(text)
    if host:
        assert not set(host.name) & set("@/\\#, []")
        assert NAMES.let_in(f"http://{text}", host, secure=False) is (host.port != 443)
