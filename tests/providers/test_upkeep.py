"""`scripts/catalog`: what it finds dead, double or stale, and which diff it proposes. No network."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core.assemble import build
from core.options import load as load_settings
from core.providers import catalog, evidence
from core.providers.catalog import load
from core.providers.listings import Listings
from core.records import Limit, ListedModel, Model
from scripts.catalogue import __main__ as command
from scripts.catalogue import check, refresh

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
PROVIDERS = load().providers
TEXT = command.CATALOG.read_text(encoding="utf-8")
GROQ = PROVIDERS["groq"]


def says_of(kind: str, *, now: datetime = NOW, **changed: object) -> list[str]:
    groq = replace(GROQ, **changed)  # type: ignore[arg-type]
    return [finding.says for finding in check.findings({"groq": groq}, (), now) if finding.kind == kind]


def test_the_shipped_catalogue_has_nothing_dead_or_double() -> None:
    findings = check.findings(PROVIDERS, evidence.shipped(), NOW)
    assert [str(finding) for finding in findings if finding.kind in check.FAULTS] == []
    soon = {finding.subject for finding in findings if finding.kind == "soon"}
    assert {"gemini/gemini-2.5-flash", "gemini/gemini-2.5-pro", "anthropic/claude-sonnet-4-5"} == soon


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ([Model("groq/a", "a", "groq", ends_on=date(2025, 1, 1)), Model("groq/b", "b", "groq")], "the row can go"),
        ([Model("groq/a", "a", "groq", listed=False)], "no model of it is offered any more"),
        (
            [Model("groq/a", "a", "groq", ends_on=date(2026, 1, 1), successor="b"), Model("groq/c", "c", "groq")],
            "its successor b is not offered",
        ),
    ],
)
def test_dead_rows(models: list[Model], says: str) -> None:
    assert any(says in finding for finding in says_of("dead", models=tuple(models), limits=()))


def test_a_limit_for_models_that_ended_is_dead() -> None:
    limit = Limit("model", "requests", "day", Decimal(5), ("llama-3.3-70b-versatile",))
    assert any("which ended" in finding for finding in says_of("dead", limits=(limit,)))


def test_doubles() -> None:
    limit = Limit("account", "requests", "day", Decimal(5))
    assert says_of("duplicate", limits=(limit, replace(limit, amount=Decimal(9))))
    twin = replace(GROQ, id="twin")
    says = [
        str(finding) for finding in check.findings({"groq": GROQ, "twin": twin}, (), NOW) if finding.kind == "duplicate"
    ]
    assert len(says) == 1
    assert "twin has the same address" in says[0]


def test_facts_go_stale_with_time() -> None:
    chat = tuple(limit for limit in GROQ.limits if not limit.models[0].startswith("whisper"))
    assert not says_of("stale", limits=chat)
    later = datetime(2027, 6, 1, tzinfo=UTC)
    assert any("doubtful" in finding for finding in says_of("stale", now=later))
    assert any("checked on" in finding for finding in says_of("stale", now=later))


def applied(diff: str, folder: Path) -> str:
    """The catalogue after `git apply`."""
    path = folder / "core/providers/catalog.toml"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "apply", "--unidiff-zero", "-"], cwd=folder, input=diff + "\n", text=True, check=True)
    return path.read_text(encoding="utf-8")


def groq_after(text: str) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in tomllib.loads(text)["groq"]["models"]}


def listed(*names: str, **details: ListedModel) -> refresh.Listed:
    return refresh.Listed(
        "groq", names, "listed by groq", NOW.date(), {finding.name: finding for finding in details.values()}
    )


def test_a_list_proposes_rows_ends_and_what_is_gone(tmp_path: Path) -> None:
    listing = listed(
        "openai/gpt-oss-20b",
        "openai/gpt-oss-120b",
        "moonshotai/kimi-k3",
        "whisper-large-v3",
        end=ListedModel("openai/gpt-oss-120b", ends_on=date(2027, 2, 1), successor="moonshotai/kimi-k3"),
        new=ListedModel("moonshotai/kimi-k3", window_tokens=262_144),
    )
    diff = refresh.diff(TEXT, PROVIDERS, [listing])
    added = [line for line in diff.splitlines() if line.startswith("+ ")]
    assert all("listed by groq, 2026-11-29" in line for line in added)
    rows = groq_after(applied(diff, tmp_path))
    assert rows["openai/gpt-oss-120b"]["ends_on"] == date(2027, 2, 1)
    assert rows["openai/gpt-oss-120b"]["successor"] == "moonshotai/kimi-k3"
    assert rows["moonshotai/kimi-k3"]["window_tokens"] == 262_144
    assert rows["qwen/qwen3.8-27b"]["listed"] is False
    assert "whisper-large-v3" not in rows
    assert rows["openai/gpt-oss-20b"] == groq_after(TEXT)["openai/gpt-oss-20b"]


def test_a_list_with_other_names_takes_nothing_away() -> None:
    diff = refresh.diff(TEXT, PROVIDERS, [listed("gpt-oss-20b", "openai/gpt-oss-120b@fast")])
    assert "listed = false" not in diff


def test_nothing_to_change_is_no_diff() -> None:
    names = [model.name for model in GROQ.models]
    assert refresh.diff(TEXT, PROVIDERS, [listed(*names)]) == ""
    assert refresh.diff(TEXT, PROVIDERS, [replace(listed(*names), provider_id="nobody")]) == ""


def test_a_file_of_facts_fills_what_is_open(tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text(
        "provider,model,context_tokens,usd_per_million_in,usd_per_million_out\n"
        "openai,gpt-6-luna,400000,9,9\ngroq,openai/gpt-oss-20b,1,2,3\n",
        encoding="utf-8",
    )
    diff = refresh.diff(TEXT, PROVIDERS, facts=refresh.from_facts(facts, date(2026, 7, 1)))
    (line,) = [line for line in diff.splitlines() if line.startswith("+ ")]
    assert "window_tokens = 400000 }" in line
    assert "usd_per_million_in = 0.10" in line
    assert "# facts.csv, 2026-07-01" in line


def test_the_lists_that_the_app_keeps_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "models.json"
    listings = Listings(path, lambda: NOW)
    ending = ListedModel("openai/gpt-oss-20b", ends_on=date(2027, 3, 1))
    listings.keep("groq", "a-key", ["openai/gpt-oss-20b", "openai/gpt-oss-120b"], lasting=True, details=[ending])
    assert command.main(["refresh", str(path)]) == 0
    assert "ends_on = 2027-03-01 },  # listed by groq, 2026-11-29" in capsys.readouterr().out


def test_a_providers_own_reply_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "reply.json"
    path.write_text(json.dumps({"data": [{"id": "gpt-5.4", "shutdown_date": "2027-09-01"}]}), encoding="utf-8")
    assert command.main(["refresh", f"openai={path}"]) == 0
    assert "ends_on = 2027-09-01" in capsys.readouterr().out


def test_check_says_how_much_is_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["check", "--on", "2026-11-29"]) == 0
    assert "0 to mend" in capsys.readouterr().out
    assert command.main(["check", "--on", "2029-01-01"]) == 1


BROKEN = """
[acme]
label = "Acme"
wire = "openai"
base_url = "https://API.acme.example/v1/"
key_names = ["ACME_API_KEY"]
docs = "https://acme.example/docs"
checked = 2027-06-01
source = "the vendor's documentation"
limits_from = { source = "acme.example", checked = 2026-11-01 }
limits = [
  { pool = "model", unit = "requests", per = "day", amount = 10, models = ["quick", "slow"] },
  { pool = "model", unit = "requests", per = "day", amount = 20, models = ["quick"] },
  { pool = "account", unit = "tokens", per = "day", amount = 20, models = ["qiuck"] },
]
models = [
  { name = "quick", window_tokens = 9000, alias_of = "nobody" },
  { name = "Quick" },
  { name = "slow", ends_on = 2026-12-02, successor = "gone" },
]

[twin]
label = "Twin"
wire = "openai"
base_url = "https://api.acme.example/v1"
key_names = ["TWIN_API_KEY"]
docs = "https://acme.example/docs"
checked = 2026-11-01
source = "the vendor's documentation"
models = [{ name = "only", listed = false }]
"""
EVIDENCE = """
[acme]
listed = [{ says = "x", source = "y", on = 2026-11-01, models = ["who"] }]
["acme/slow"]
ends_on = [{ says = "2026-12-24, says the page", source = "y", on = 2026-11-01 }]
["acme/never"]
price = [{ says = "x", source = "y", on = 2027-11-01 }]
[stranger]
free = [{ says = "x", source = "y", on = 2026-11-01, kind = "undocumented" }]
"""


@pytest.mark.parametrize(
    "finding",
    [
        "contradiction  acme: the table was checked on 2027-06-01",
        "duplicate      acme/quick: 2 limits of requests a day name it",
        "duplicate      acme: 2 rows are named quick, but for their case",
        "duplicate      acme: twin has the same address",
        "dead           acme: a limit is for qiuck, which no row holds",
        "dead           acme/quick: it is an alias of nobody",
        "dead           acme/slow: its successor gone is not offered",
        "dead           twin: no model of it is offered",
        "dead           acme/who: evidence of its listed",
        "dead           acme/never: evidence of its price",
        "dead           stranger: evidence of its free, but no table",
        "contradiction  acme/never: price: a source is of a day that is still to come",
        "contradiction  acme/slow: the row ends on 2026-12-02",
        "unsourced      acme/quick: nobody in evidence.toml or models_dev.csv says its window",
        "unsourced      acme/slow: nobody in evidence.toml or models_dev.csv says its ends_on",
        "unsourced      twin/only: nobody in evidence.toml or models_dev.csv says its listed",
        "undocumented   stranger: free",
        "soon           acme/slow: ends on 2026-12-02",
    ],
)
def test_what_is_wrong_with_a_broken_catalogue(finding: str) -> None:
    findings = check.findings(catalog.parse(BROKEN), evidence.read(EVIDENCE), NOW)
    assert [str(line) for line in findings if str(line).startswith(finding)]


@pytest.mark.parametrize("text", ["[acme", "[acme]\nwire = 7", "[acme]\nlabel = 'Acme'"])
def test_a_file_that_is_no_catalogue_is_told_without_a_traceback(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(text, encoding="utf-8")
    assert command.main(["check", "--file", str(path)]) == 1
    assert "acme" in capsys.readouterr().out or text == "[acme"


def test_nothing_that_a_list_holds_can_become_a_field(tmp_path: Path) -> None:
    hostile = [
        'x", router = true }, { name = "y',
        "new\nline",
        'a\\"b',
        "tab\there",
        "kimi # comment",
        "n" * 300,
        "plain/name-1.5:free",
    ]
    ending = ListedModel("openai/gpt-oss-20b", ends_on=date(2027, 1, 1), successor='x" }, { name = "evil')
    diff = refresh.diff(TEXT, PROVIDERS, [listed("openai/gpt-oss-20b", "openai/gpt-oss-120b", *hostile, end=ending)])
    rows = groq_after(applied(diff, tmp_path))
    assert set(rows) - set(groq_after(TEXT)) == {"plain/name-1.5:free"}
    assert "successor" not in rows["openai/gpt-oss-20b"]
    assert str(rows["openai/gpt-oss-20b"]["ends_on"]) == "2027-01-01"


def test_nothing_that_a_file_of_facts_holds_can_become_a_field(tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text(
        "provider,model,context_tokens,usd_per_million_in,usd_per_million_out\n"
        'openai,gpt-6-luna,"1, free = true",x,-1\n',
        encoding="utf-8",
    )
    assert refresh.diff(TEXT, PROVIDERS, facts=refresh.from_facts(facts, date(2026, 7, 1))) == ""


def test_a_table_of_one_line_and_one_without_models_are_filled(tmp_path: Path) -> None:
    lists = [
        refresh.Listed("sensenova", ["sensenova-6.7-flash-lite", "sensenova-7-pro"], "listed by sensenova", NOW.date()),
        refresh.Listed("requesty", ["openai/gpt-6-luna"], "listed by requesty", NOW.date()),
    ]
    after = tomllib.loads(applied(refresh.diff(TEXT, PROVIDERS, lists), tmp_path))
    assert [row["name"] for row in after["sensenova"]["models"]] == ["sensenova-6.7-flash-lite", "sensenova-7-pro"]
    assert after["sensenova"]["models"][0] == tomllib.loads(TEXT)["sensenova"]["models"][0]
    assert [row["name"] for row in after["requesty"]["models"]] == ["openai/gpt-6-luna"]


def test_a_list_fills_in_what_a_row_leaves_open_and_takes_back_what_returns(tmp_path: Path) -> None:
    names = [model.name for model in PROVIDERS["openai"].models]
    luna_listed = ListedModel(
        "gpt-6-luna", window_tokens=400_000, usd_per_million_in=Decimal(9), usd_per_million_out=Decimal(9)
    )
    back = [model.name for model in PROVIDERS["nvidia"].models]
    lists = [
        refresh.Listed("openai", names, "listed by openai", NOW.date(), {"gpt-6-luna": luna_listed}),
        refresh.Listed("nvidia", back, "listed by nvidia", NOW.date()),
    ]
    after = tomllib.loads(applied(refresh.diff(TEXT, PROVIDERS, lists), tmp_path))
    luna = next(row for row in after["openai"]["models"] if row["name"] == "gpt-6-luna")
    assert (luna["window_tokens"], luna["usd_per_million_in"]) == (400_000, 0.10)
    assert not any("listed" in row for row in after["nvidia"]["models"])


@pytest.fixture
def models_server() -> Iterator[str]:
    """A provider on this computer that lists its models at /v1/models."""

    class Models(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"data": [{"id": name, **more} for name, more in LISTED.items()]}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Models)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


LISTED: dict[str, dict[str, object]] = {
    "openai/gpt-oss-20b": {"shutdown_date": "2027-05-05"},
    "openai/gpt-oss-120b": {"context_length": 131_072},
    "brand/new-model": {"context_length": 64_000},
}


def test_what_providers_list_now_is_asked_and_proposed(
    models_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"GROQ_API_KEY": "gsk-0123456789abcdef", "GROQ_BASE_URL": models_server}
    settings = load_settings({**environ, "ROUNDTABLE_LOCAL_SERVERS": "false"}, folder=tmp_path)
    monkeypatch.setattr(command, "build", lambda: build(settings, folder=tmp_path))
    assert command.main(["refresh", "--ask"]) == 0
    diff = capsys.readouterr().out
    added = [line for line in diff.splitlines() if line.startswith("+ ")]
    assert any("ends_on = 2027-05-05" in line for line in added)
    assert any('name = "brand/new-model", window_tokens = 64_000' in line for line in added)
    assert any('"qwen/qwen3.8-27b"' in line and "listed = false" in line for line in added)
    assert all(f"listed by groq at {models_server}" in line for line in added)  # and not by the vendor
    assert groq_after(applied(diff.rstrip("\n"), tmp_path / "tree"))["brand/new-model"]["window_tokens"] == 64_000
