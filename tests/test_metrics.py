"""Figures for Prometheus: right, without texts and people, and with few series whatever people type."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.process import free_port
from core import assemble, build
from core.errors import LLMError, Setup
from core.metrics import GaugeReading, Metrics
from core.records import Attempt, Completion, Finish, Note, Timing, Usage
from core.workspace import Workspace
from core.workspace.gauges import readings
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, answer, ended, opened, per, table, until, workspace_of

PROMPT = "A secret about aardvarks"
WHOLE = Completion(
    model_id="groq/fast", text="Yes", reasoning="", usage=Usage(100, 20, cost_usd=Decimal(1)), finish=Finish("stop"),
    timing=Timing(datetime(2026, 3, 1, tzinfo=UTC), 200.0, 210.0, 1200.0, 1250.0, chunks=11),
    attempts=(Attempt("groq", "groq/fast", 1, "overloaded", 500.0), Attempt("groq", "groq/fast", 2, "ok", 1250.0)),
    response_model="fast-2026", served_model_id="groq/fast",
)  # fmt: skip
Series = Callable[..., float | None]


def scraped(metrics: Metrics) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics.port}/metrics", timeout=10) as reply:
        return reply.read().decode()


def series_of(text: str) -> Series:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def value(name: str, **labels: str) -> float | None:
        matching = [each.value for each in samples if each.name == name and labels.items() <= each.labels.items()]
        return sum(matching) if matching else None

    return value


@pytest.fixture
def metrics() -> Metrics:
    made = Metrics(["groq"], ["groq/fast"], lambda: [GaugeReading("app_database_up", {}, 1.0)])
    made.serve("127.0.0.1", 0)
    return made


def test_an_answer_is_counted_by_the_names_of_opentelemetry(metrics: Metrics) -> None:
    metrics.observe(WHOLE)
    value = series_of(scraped(metrics))
    call = {"gen_ai_operation_name": "chat", "gen_ai_provider_name": "groq", "gen_ai_request_model": "groq/fast"}
    assert value("gen_ai_client_operation_duration_seconds_sum", error_type="", **call) == 1.25
    assert value("gen_ai_client_operation_duration_seconds_count", error_type="overloaded", **call) == 1
    assert value("gen_ai_client_operation_time_to_first_chunk_seconds_sum", **call) == 0.2
    assert value("gen_ai_client_operation_time_per_output_chunk_seconds_sum", **call) == 0.1
    assert value("gen_ai_client_token_usage_sum", gen_ai_token_type="input", **call) == 100
    assert value("gen_ai_client_token_usage_sum", gen_ai_token_type="output", **call) == 20
    assert value("gen_ai_client_token_usage_count", gen_ai_response_model="groq/fast") == 2
    assert value("app_retry_count_total", gen_ai_provider_name="groq") == 1
    assert value("app_answer_count_total", outcome="ok") == 1
    assert value("app_database_up") == 1
    assert value("app_failover_count_total") == 0
    metrics.close()


def test_what_was_not_sent_or_came_from_the_cache_is_no_call(metrics: Metrics) -> None:
    refused = LLMError("no")
    refused.sent = False
    refused_attempt = Attempt("groq", "groq/fast", 1, "rate_limited", 1.0, sent=False)
    metrics.observe(replace(WHOLE, cached=True))
    metrics.observe(replace(WHOLE, error=refused, attempts=(refused_attempt,), finish=None))
    metrics.observe(replace(WHOLE, attempts=(), notes=(Note("failed_over", "groq/other"),), finish=Finish("stopped")))
    value = series_of(scraped(metrics))
    assert value("gen_ai_client_operation_duration_seconds_count") is None
    assert [value("app_answer_count_total", outcome=outcome) for outcome in ("cached", "setup", "stopped")] == [1, 1, 1]
    assert value("app_question_refused_total", error_type="setup") == 1
    assert value("app_failover_count_total") == 1
    metrics.close()


def test_names_that_people_type_make_no_series(metrics: Metrics) -> None:
    for number in range(500):
        name = f"typed{number}/{PROMPT}"
        attempt = Attempt(f"typed{number}", name, 1, f"kind{number}", 1.0)
        metrics.observe(replace(WHOLE, model_id=name, attempts=(attempt,), response_model=name, served_model_id=name))
    text = scraped(metrics)
    value = series_of(text)
    assert value("gen_ai_client_operation_duration_seconds_count", gen_ai_request_model="other") == 500
    assert "typed" not in text
    assert "kind4" not in text
    assert text.count("gen_ai_client_operation_duration_seconds_count") == 1
    metrics.close()


def test_gauges_are_read_once_in_ten_seconds() -> None:
    now, reads = 0.0, []
    metrics = Metrics(
        [], [], lambda: reads.append(1) or [GaugeReading("app_spool_waiting", {}, len(reads))], lambda: now
    )
    metrics.serve("127.0.0.1", 0)
    assert series_of(scraped(metrics))("app_spool_waiting") == series_of(scraped(metrics))("app_spool_waiting") == 1
    now = 11.0
    assert series_of(scraped(metrics))("app_spool_waiting") == 2
    metrics.close()


def test_a_workspace_shows_its_quota_and_pauses(tmp_path: Path, server: FaultyServer) -> None:
    """With the server's own key; what people paste is nobody else's business."""
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("good"), per("requests", "day", 10)),
        table("bolt", server.url("auth")),
        ACME_KEY=KEYS["acme"],
        BOLT_KEY=KEYS["bolt"],
    )
    assert answer(workspace, "r1", "acme/small", PROMPT, {}).error is None
    answer(workspace, "r2", "bolt/small", PROMPT, {})  # its key is refused: acme answers
    until(lambda: not workspace.jobs.running())
    values = {(each.name, each.labels.get("gen_ai_provider_name", "")): each.value for each in readings(workspace)}
    assert values["app_quota_remaining", "acme"] == 8
    assert (values["app_breaker_state", "acme"], values["app_breaker_state", "bolt"]) == (0, 1)
    assert values["app_database_up", ""] == 1
    shown = str(list(readings(workspace)))
    assert not [secret for secret in (ME, PROMPT, *KEYS.values()) if secret in shown]


def app_with(tmp_path: Path, port: int) -> Workspace:
    (tmp_path / "data").mkdir(exist_ok=True)
    environ = {
        "ROUNDTABLE_METRICS_PORT": str(port), "ROUNDTABLE_SIMULATOR_SPEED": "1000", "ROUNDTABLE_LOCAL_SERVERS": "false"
    }  # fmt: skip
    return opened(assemble.open_workspace(build(environ=environ, secrets={}, folder=tmp_path)))


def test_the_port_is_only_of_this_computer_and_is_closed_at_the_end(tmp_path: Path) -> None:
    port = free_port()
    workspace = app_with(tmp_path, port)
    workspace.of(ME).chats.ask("r1", PROMPT, "sim/quick")
    ended(workspace, "r1")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
        text = reply.read().decode()
    assert series_of(text)("gen_ai_client_token_usage_count", gen_ai_request_model="sim/quick") == 2
    assert PROMPT not in text
    assert ME not in text
    assert workspace.engine.settings.metrics_host == "127.0.0.1"
    workspace.close()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)


def test_a_port_that_is_taken_costs_only_the_figures(tmp_path: Path, server: FaultyServer) -> None:
    workspace = app_with(tmp_path, int(server.url("good").split(":")[2].split("/")[0]))
    assert Metrics.close not in [getattr(close, "__func__", None) for close in workspace.closing]
    workspace.of(ME).chats.ask("r1", PROMPT, "sim/quick")
    assert ended(workspace, "r1").error is None


def test_without_the_package_the_option_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "find_spec", lambda name: None)
    with pytest.raises(Setup, match=r"\.\[metrics\]"):
        build(environ={"ROUNDTABLE_METRICS_PORT": "9464"}, secrets={}, folder=tmp_path)


def test_without_the_option_the_package_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core import build, assemble;"
        f"assemble.open_workspace(build(environ={{}}, secrets={{}}, folder=Path({str(tmp_path)!r}))).close();"
        "print('prometheus_client' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
