"""Sunset, Deprecation and Link of a reply: what is read, what is ignored, and which successor is believed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.providers.sunset import EndNotice, read, successor

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("headers", "ends_on", "deprecated"),
    [
        ({"sunset": "Tue, 01 Dec 2026 00:00:00 GMT"}, DAY, False),
        ({"sunset": "Tuesday, 01-Dec-26 23:59:59 GMT"}, DAY, False),
        ({"sunset": "Tue Dec  1 00:00:00 2026"}, DAY, False),
        ({"sunset": "Tue, 01 Dec 2026 00:00:00 GMT", "deprecation": "@1688169599"}, DAY, True),
        ({"deprecation": "@1688169599"}, None, True),
        ({"deprecation": "@1796083200"}, None, True),  # still to come
        ({"deprecation": "@1688169599;by=vendor"}, None, True),
        ({"deprecation": "true"}, None, True),
        ({"deprecation": "?1"}, None, True),
        ({"deprecation": "Sun, 11 Nov 2025 23:59:59 GMT"}, None, True),
        ({"sunset": "Mon, 01 Jun 2026 00:00:00 GMT"}, None, True),  # it replies still: it may go at any time
    ],
)
def test_an_end_is_read(headers: dict[str, str], ends_on: date | None, deprecated: bool) -> None:
    assert read(headers, NOW) == EndNotice(NOW, ends_on, deprecated)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sunset": ""},
        {"sunset": "2026-12-01"},
        {"sunset": "2026-12-01T00:00:00Z"},
        {"sunset": "1796083200"},
        {"sunset": "@1796083200"},
        {"sunset": "soon"},
        {"sunset": "Tue, 41 Dec 2026 00:00:00 GMT"},
        {"sunset": "Tue, 01 Dec 2026 25:00:00 GMT"},
        {"sunset": "Tue, 01 Dec 2026 00:00:00 +0200"},
        {"sunset": "Tue, 01 Dec 2026 00:00:00 GMT, Wed, 02 Dec 2026 00:00:00 GMT"},
        {"sunset": "Fri, 01 Dec 9999 00:00:00 GMT"},
        {"sunset": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"deprecation": "false"},
        {"deprecation": "?0"},
        {"deprecation": "1688169599"},
        {"deprecation": "@"},
        {"deprecation": "@1688169599.5"},
        {"deprecation": "@-62135596801"},
        {"deprecation": "@999999999999999"},
        {"deprecation": "version=v1"},
        {"deprecation": "@" + "9" * 5000},
        {"link": '<https://acme.example/models/b>; rel="successor-version"'},
    ],
)
def test_what_is_not_written_as_documented_is_ignored(headers: dict[str, str]) -> None:
    assert read(headers, NOW) is None


NAMES = ("gpt-oss-20b", "openai/gpt-oss-20b", "gemini-3.5-flash-lite", "模型", "b c")


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ('<https://acme.example/v1/models/openai/gpt-oss-20b>; rel="successor-version"', "openai/gpt-oss-20b"),
        ("</v1/models/gpt-oss-20b>; rel=successor-version", "gpt-oss-20b"),
        ("<gpt-oss-20b>; rel=successor-version", "gpt-oss-20b"),
        (
            '<https://x.example/a>; rel="sunset"; type="text/html", '
            '<https://x.example/models/gemini-3.5-flash-lite:generateContent>; rel="alternate Successor-Version"',
            "gemini-3.5-flash-lite",
        ),
        ("<https://acme.example/chat?model=gpt-oss-20b>; rel=successor-version", "gpt-oss-20b"),
        ("<https://acme.example/models/%E6%A8%A1%E5%9E%8B>; rel=successor-version", "模型"),
        ("<https://acme.example/models/b%20c>; rel=successor-version", "b c"),
        ("<https://acme.example/models/my-gpt-oss-20b>; rel=successor-version", ""),
        ("<https://acme.example/models/groq>; rel=successor-version", ""),
        ('<https://acme.example/models/gpt-oss-20b>; rel="sunset"', ""),
        ("<https://acme.example/models/gpt-oss-20b; rel=successor-version", ""),
        (f"<https://acme.example/{'x' * 5000}/gpt-oss-20b>; rel=successor-version", ""),
        ("<https://[acme/models/gpt-oss-20b>; rel=successor-version", ""),
    ],
)
def test_a_successor_is_a_model_of_the_same_provider(link: str, name: str) -> None:
    notice = read({"deprecation": "true", "link": link}, NOW)
    assert notice is not None
    assert successor(notice, NAMES) == name


def test_the_page_about_the_end_is_kept_as_text() -> None:
    headers = {"deprecation": "true", "link": '<https://acme.example/ends>; rel="sunset"'}
    assert read(headers, NOW) == EndNotice(NOW, None, True, about_url="https://acme.example/ends")


def test_a_header_of_any_length_is_read_at_once() -> None:
    for junk in ("<" * 50_000, "<a>" * 20_000, '<a>; rel="' * 10_000, "; rel" * 20_000, "<a>" + "; x=y" * 20_000 + "<"):
        assert read({"deprecation": "true", "link": junk}, NOW) == EndNotice(NOW, None, True)
