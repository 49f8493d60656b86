"""`scripts/catalog`: what it finds dead, double or stale, and which diff it proposes. No network."""

from __future__ import annotations

import json
import subprocess
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from core.providers import evidence
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
    assert not says_of("stale")
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
