"""A feed of facts: what it may change, ways to redirect a key that it cannot take, how it is fetched and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core import build
from core.catalog_feed import CatalogFeed
from core.engine import Engine
from core.errors import Setup
from core.options import load
from core.providers import feed
from core.providers.catalog import load as load_catalog
from core.ui.app_state import AppState

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
GOOD = """
[groq]
checked = 2026-12-05
source = "the operator"
limits = [{ pool = "model", unit = "requests", per = "day", amount = 7, note = "from a feed" }]
models = [
  { name = "openai/gpt-oss-20b", ends_on = 2027-01-01, successor = "new/model" },
  { name = "new/model", size = "small", window_tokens = 9_000, usd_per_million_in = 0.5, usd_per_million_out = 1 },
]
"""


class Server(BaseHTTPRequestHandler):
    """Answers with what a test put here."""

    status, body, headers_out = 200, GOOD.encode(), {"ETag": '"one"'}
    seen: list[dict[str, str]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        type(self).seen.append({name.lower(): value for name, value in self.headers.items()})
        is_known = self.headers.get("If-None-Match") == Server.headers_out.get("ETag")
        self.send_response(304 if is_known and Server.status == 200 else Server.status)
        for name, value in Server.headers_out.items():
            self.send_header(name, value)
        body = b"" if is_known and Server.status == 200 else Server.body
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Server.status, Server.body, Server.headers_out, Server.seen = 200, GOOD.encode(), {"ETag": '"one"'}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/facts.toml"
    server.shutdown()
    server.server_close()


def engine(folder: Path, url: str, now: Callable[[], datetime] = lambda: NOW) -> Engine:
    (folder / "data").mkdir(exist_ok=True)
    environ = {"ROUNDTABLE_CATALOG_URL": url, "GROQ_API_KEY": "gsk-0123456789abcdef"}
    return build(load(environ=environ, folder=folder), folder=folder, now=now)


def refreshed(folder: Path, url: str, now: Callable[[], datetime] = lambda: NOW) -> Engine:
    made = engine(folder, url, now)
    assert made.feed
    made.feed.refresh()
    return made


def test_a_feed_changes_facts_and_adds_models(tmp_path: Path, url: str) -> None:
    made = refreshed(tmp_path, url)
    groq = made.catalog.providers["groq"]
    models = {model.name: model for model in groq.models}
    assert models["openai/gpt-oss-20b"].ends_on == date(2027, 1, 1)
    assert models["openai/gpt-oss-20b"].window_tokens == 131_000  # what the feed does not name stays
    assert models["new/model"].usd_per_million_in == Decimal("0.5")
    assert [(limit.amount, limit.firm) for limit in groq.limits] == [(Decimal(7), False)]
    assert (groq.checked, groq.source) == (date(2026, 12, 5), "the operator")
    assert made.directory.life(groq).days_left(models["openai/gpt-oss-20b"]) == 33
    assert not any("authorization" in headers or "gsk-" in str(headers) for headers in Server.seen)


TEN_WAYS = {
    "base address": '[groq]\nbase_url = "https://evil.example/v1"',
    "key name": '[groq]\nkey_names = ["AWS_SECRET_ACCESS_KEY"]',
    "wire": '[groq]\nwire = "anthropic"',
    "header": '[groq]\nheaders = { x-forward-to = "https://evil.example" }',
    "auth": '[groq]\nauth = "none"',
    "quirk": '[groq]\nquirks = { models_path = "@evil.example/", body = { user = "x" } }',
    "option": '[cloudflare]\noptions = { account = "evil" }\nneeds = { account = "HOME" }',
    "new provider": '[evil]\nwire = "openai"\nbase_url = "https://evil.example/v1"\nkey_names = ["GROQ_API_KEY"]',
    "path in a model": '[gemini]\nmodels = [{ name = "../../evil" }]',
    "query in a model": '[gemini]\nmodels = [{ name = "x?key=1" }]',
    "host in a model": '[gemini]\nmodels = [{ name = "x#@evil.example" }]',
    "line in a model": '[gemini]\nmodels = [{ name = "x\\r\\nHost: evil.example" }]',
    "escape in a model": '[gemini]\nmodels = [{ name = "%2e%2e/evil" }]',
    "field of a model": '[groq]\nmodels = [{ name = "x", base_url = "https://evil.example" }]',
    "own": "[groq]\nown = true\nlocal = true",
    "key page": '[groq]\nkey_url = "https://evil.example/login"',
    "firm limit": '[groq]\nlimits = [{ pool = "key", unit = "requests", per = "day", firm = true }]',
    "a table inside": '[groq.headers]\nauthorization = "x"',
}


@pytest.mark.parametrize("text", TEN_WAYS.values(), ids=TEN_WAYS.keys())
def test_no_feed_redirects_a_key(tmp_path: Path, url: str, text: str) -> None:
    shipped = load_catalog({}, tmp_path).providers
    Server.body = text.encode()
    made = refreshed(tmp_path, url)
    assert dict(made.catalog.providers) == dict(shipped)
    assert made.feed
    if not text.startswith("[evil]"):
        assert "refused" in made.feed.problem
    key = made.keyring.find(made.catalog.providers["groq"])
    assert key
    assert key.name == "GROQ_API_KEY"


@pytest.mark.parametrize(
    "text",
    [
        "[groq]\nmodels = " + "[" * 5_000,
        "a = " + "{a = " * 3_000,
        f"[groq]\nmodels = [{{ name = 'x', window_tokens = {'9' * 5_000} }}]",
        "[groq]\nmodels = [{ name = 'x', usd_per_million_in = 1e9999999999999999999999 }]",
    ],
    ids=["deep lists", "deep tables", "a long number", "a large exponent"],
)
def test_what_python_does_not_read_is_refused_like_any_other_fault(tmp_path: Path, url: str, text: str) -> None:
    Server.body = text.encode()
    made = refreshed(tmp_path, url)
    assert made.feed
    assert "not valid TOML" in made.feed.problem


def test_a_provider_that_the_shipped_catalogue_does_not_have_is_never_added(tmp_path: Path, url: str) -> None:
    Server.body = b'[newcomer]\nmodels = [{ name = "x" }]\n[groq]\nmodels = [{ name = "y" }]'
    made = refreshed(tmp_path, url)
    assert "newcomer" not in made.catalog.providers
    assert any(model.name == "y" for model in made.catalog.providers["groq"].models)


@pytest.mark.parametrize("provider_id", ["sim", "ollama", "github-models", "mine", "groq"])
def test_what_is_here_or_the_operators_is_left_alone(tmp_path: Path, url: str, provider_id: str) -> None:
    (tmp_path / ".streamlit").mkdir()
    own = '[mine]\nbase_url = "https://mine.example/v1"\n[groq]\nnote = "ours"\n'
    (tmp_path / ".streamlit" / "providers.toml").write_text(own, encoding="utf-8")
    Server.body = f'[{provider_id}]\nmodels = [{{ name = "x" }}]'.encode()
    made = refreshed(tmp_path, url)
    assert made.feed
    assert made.feed.problem == ""
    assert all(model.name != "x" for model in made.catalog.providers[provider_id].models)


def test_it_is_asked_for_once_a_day_with_its_etag(tmp_path: Path, url: str) -> None:
    at = NOW
    made = refreshed(tmp_path, url, lambda: at)
    assert made.feed
    made.feed.refresh()
    assert len(Server.seen) == 1
    at = NOW + timedelta(days=1, minutes=1)
    made.feed.refresh()
    made.feed.refresh()
    assert [headers.get("if-none-match") for headers in Server.seen] == [None, '"one"']
    assert any(model.name == "new/model" for model in made.catalog.providers["groq"].models)


def test_the_last_good_one_holds_over_faults_and_starts(tmp_path: Path, url: str) -> None:
    at = NOW
    made = refreshed(tmp_path, url, lambda: at)
    assert made.feed
    for hours, (status, body) in enumerate(
        [(500, b"oops"), (200, b"<html>"), (200, b"x" * (feed.MOST_BYTES + 10)), (200, b"\xff\xfe"), (302, b"")], 1
    ):
        Server.status, Server.body = status, body
        Server.headers_out = {"Location": "/elsewhere"} if status == 302 else {}
        at = NOW + timedelta(days=2, hours=2 * hours)
        made.feed.refresh()
        assert made.feed.problem, status
        assert any(model.name == "new/model" for model in made.catalog.providers["groq"].models)
    assert len(Server.seen) == 6  # a redirect is not followed
    again = engine(tmp_path, url)
    assert any(model.name == "new/model" for model in again.catalog.providers["groq"].models)


def test_a_fact_that_leaves_the_feed_is_the_shipped_one_again(tmp_path: Path, url: str) -> None:
    at = NOW
    made = refreshed(tmp_path, url, lambda: at)
    Server.body, Server.headers_out = b"", {}
    at = NOW + timedelta(days=2)
    assert made.feed
    made.feed.refresh()
    assert made.feed.problem == ""
    assert made.catalog.providers["groq"] == load_catalog({}, tmp_path).providers["groq"]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"text": 3}', '{"text": "[groq]\\nwire = 1", "etag": "", "at": "2026-01-01"}']
)
def test_a_broken_kept_file_is_no_feed(tmp_path: Path, url: str, text: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "catalog_feed.json").write_text(text, encoding="utf-8")
    made = engine(tmp_path, url)
    assert dict(made.catalog.providers) == dict(load_catalog({}, tmp_path).providers)


@pytest.mark.parametrize(
    "address",
    ["http://example.com/x", "ftp://example.com/x", "https://169.254.169.254/x", "https://h.example/?token=1"],
)
def test_an_address_that_must_not_be_called_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(Setup, match="ROUNDTABLE_CATALOG_URL"):
        engine(tmp_path, address)


def test_without_an_address_there_is_no_feed(tmp_path: Path) -> None:
    assert build(load(environ={}, folder=tmp_path), folder=tmp_path).feed is None


def test_a_feed_may_not_change_what_the_environment_moved(tmp_path: Path) -> None:
    groq = load_catalog({"GROQ_BASE_URL": "http://127.0.0.1:9/v1"}, tmp_path).providers["groq"]
    assert not feed.may_change(groq)
    assert feed.may_change(replace(groq, own=False))
    assert CatalogFeed.__doc__


def test_since_when_it_has_a_model_is_kept_over_fetches_and_starts(tmp_path: Path, url: str) -> None:
    at = NOW
    made = refreshed(tmp_path, url, lambda: at)
    assert made.feed
    assert made.feed.added == {"groq/new/model": NOW}
    Server.body, Server.headers_out = GOOD.encode() + b'[cohere]\nmodels = [{ name = "newer" }]', {"ETag": '"two"'}
    at = NOW + timedelta(days=2)
    made.feed.refresh()
    expected = {"groq/new/model": NOW, "cohere/newer": at}
    assert made.feed.added == expected
    again = engine(tmp_path, url, lambda: at).feed
    assert again
    assert again.added == expected
    Server.body, Server.headers_out = b"", {}
    at = NOW + timedelta(days=4)
    made.feed.refresh()
    assert made.feed.added == {}


def test_a_fault_of_the_feed_stops_neither_the_lists_nor_a_later_round(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = engine(tmp_path, url)
    rounds: list[str] = []

    def fail(*_: object) -> None:
        rounds.append("feed")
        raise ArithmeticError

    monkeypatch.setattr(CatalogFeed, "refresh", fail)
    monkeypatch.setattr(made.directory, "learn", lambda: rounds.append("lists"))
    state = AppState(made)
    state.learn()
    state.learn()
    assert rounds == ["feed", "lists", "feed", "lists"]
