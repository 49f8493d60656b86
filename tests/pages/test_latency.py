"""The Latency page without a browser: nothing made up, every chart draws, the CSV is what is drawn, the probe runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from core.providers.limits import PlannedCall, meters_of, window_of
from core.records import NIGHTLY, Attempt, Completion, Finish, Timing, Usage, Window
from core.store import calls
from core.store.quota.nights import Night
from core.ui import text
from core.ui.app_state import AppState
from core.ui.latency import chart_style, probe, scatter
from core.ui.latency.chart_style import Chart
from core.ui.latency.scatter import left_of
from core.workspace.nightly.plan import plan
from tests.pages.conftest import ME, texts

CHARTS = ("strip", "ecdf", "stages", "time", "week", "errors")
MODELS = ("sim/quick", "sim/steady", "groq/openai/gpt-oss-20b", "gone/<b>model</b>")


class Won(NamedTuple):
    share: float
    low: float
    high: float
    n: int


def answered(shared: AppState, number: int, model_id: str, *, owner: str = ME, **changes: Any) -> None:
    """One answer of a model, an hour before the one that was kept last."""
    at = datetime.now(UTC) - timedelta(hours=number)
    first = 200.0 + 10 * number
    timing = Timing(at, first, first + 100, first + 2000, first + 2010, 0.0, 90, 90, True)
    provider_id = model_id.partition("/")[0]
    attempts = (Attempt(provider_id, model_id, 1, "ok", first + 2010, cold=False, simulated=False),)
    completion = Completion(model_id, "Yes.", "", Usage(9, 100), Finish("stop"), timing, attempts=attempts)
    assert calls.add(
        shared.workspace.database, owner, replace(completion, **changes), request_id=f"{model_id}-{number}"
    )


@pytest.fixture
def filled(shared: AppState) -> AppState:
    """Twenty-four answers of each model, one of which was buffered, and a failure."""
    for model_id in MODELS:
        for number in range(24):
            answered(shared, number, model_id)
        odd = Timing(datetime.now(UTC), 5000.0, 5000.0, 5000.0, 5010.0, 0.0, 90, 1, True)
        answered(shared, 100, model_id, timing=odd)
    failed = (Attempt("sim", "sim/quick", 1, "rate_limited", 20.0, cold=False, simulated=False),)
    early = Timing(datetime.now(UTC) - timedelta(hours=3), total_ms=20.0)
    answered(shared, 101, "sim/quick", attempts=failed, text="", usage=None, timing=early)
    return shared


def rows(at: AppTest) -> dict[str, list[str]]:
    """The table: its cells by the first one."""
    table = next(element.value for element in at.markdown if element.value.startswith("| "))
    lines = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[2:]]
    return {line[0]: line[1:] for line in lines}


def test_before_the_first_answer_the_page_says_what_will_come(open_page: Callable[..., AppTest]) -> None:
    at = open_page("latency")
    assert not at.exception
    assert "No measurements yet" in texts(at)
    assert not any(element.value.startswith("| ") for element in at.markdown)


def test_medians_and_the_slow_end_stand_in_the_table(filled: AppState, open_page: Callable[..., AppTest]) -> None:
    by_model = rows(open_page("latency"))
    assert len(by_model) == len(MODELS)
    quick = next(cells for name, cells in by_model.items() if "quick" in name)
    assert quick[0] == "24"
    assert quick[1] == "**0.32 s** · 0.42 s"  # of 200 to 430 ms: 315 and 418.5, each within a hundredth
    assert quick[3].startswith("**50 tok/s**")
    assert "Hidden retries and cached answers: 4." in texts(open_page("latency"))


def test_with_disturbed_answers_there_are_more(filled: AppState, open_page: Callable[..., AppTest]) -> None:
    at = open_page("latency")
    at.toggle(key="latency-clean").set_value(False).run()
    quick = next(cells for name, cells in rows(at).items() if "quick" in name)
    assert quick[0] == "25"
    assert quick[3].endswith("(24)]")  # what came in one piece has no speed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_draws(filled: AppState, open_page: Callable[..., AppTest], language: str) -> None:
    at = open_page("latency", lang=language)
    for span in ("24h", "all"):
        at.session_state["latency-range"] = span
        for chart in CHARTS:
            at.session_state["latency-chart"] = chart
            at.run()
            assert not at.exception
            assert len(at.get("plotly_chart")) == 1, (span, chart)
    at.session_state["latency-chart"] = "votes"
    at.run()
    assert not at.get("plotly_chart")
    assert ("Appears after your first votes" in texts(at)) == (language == "en")


def test_the_week_tells_when_a_limit_was_hit(filled: AppState, open_page: Callable[..., AppTest]) -> None:
    at = open_page("latency")
    at.session_state["latency-chart"] = "week"
    at.run()
    at.toggle(key="latency-limits").set_value(True).run()
    at.selectbox(key="latency-model").set_value("sim/quick").run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == 1
    assert "by weekday and hour, your time: 1 of 26" in texts(at)


def test_filters_leave_what_they_say(filled: AppState, open_page: Callable[..., AppTest]) -> None:
    at = open_page("latency")
    at.selectbox(key="latency-provider").set_value("groq").run()
    assert len(rows(at)) == 1
    at.selectbox(key="latency-provider").set_value(None).run()
    at.selectbox(key="latency-size").set_value("small").run()
    names = "".join(rows(at))
    assert "quick" in names
    assert "b\\>model" not in names  # of unknown size


def test_another_visitor_sees_nothing_of_it(shared: AppState, open_page: Callable[..., AppTest]) -> None:
    answered(shared, 1, "sim/quick", owner="another")
    assert "No measurements yet" in texts(open_page("latency"))


def test_a_csv_is_what_is_drawn_and_no_formula() -> None:
    chart = Chart(None, "", ["model", "ms"], [["=1+1", 412.345678], ["sim/quick", None], ["-x", -3], ["＝1", 0]])
    read = list(csv.reader(io.StringIO(chart.csv().decode("utf-8-sig"))))
    assert read == [["model", "ms"], ["'=1+1", "412.346"], ["sim/quick", ""], ["'-x", "-3"], ["'＝1", "0"]]


def test_a_models_name_is_no_markup_in_a_chart(shared: AppState) -> None:
    paint = chart_style.model_styles(["gone/<b>model</b>"], shared.engine.catalog.providers)["gone/<b>model</b>"]
    assert paint.label == "&lt;b&gt;model&lt;/b&gt; · gone"


def test_models_of_one_provider_share_its_colour_and_differ_in_shape(shared: AppState) -> None:
    paints = chart_style.model_styles(["sim/quick", "sim/slow", "groq/x"], shared.engine.catalog.providers)
    quick, slow, other = paints.values()
    assert quick.colour == slow.colour != other.colour
    assert (quick.symbol, quick.dash) != (slow.symbol, slow.dash)


def test_votes_and_speed_make_points(shared: AppState) -> None:
    text.use("en")
    paints = chart_style.model_styles(["sim/quick", "sim/slow"], shared.engine.catalog.providers)
    speeds = {"sim/quick": [(140.0, 9)], "sim/slow": [(22.0, 9)]}
    chart = scatter.scatter(speeds, {"sim/quick": Won(0.6, 0.4, 0.75, 12)}, {"sim": 0.5}, paints)
    assert chart.rows == [["sim/quick", 140.0, 9, 0.6, 0.4, 0.75, 12, 0.5]]
    assert scatter.scatter(speeds, {}, {}, paints).figure is None


def test_a_vote_puts_its_models_beside_their_speed(filled: AppState, open_page: Callable[..., AppTest]) -> None:
    workspace = filled.workspace
    models = ["sim/quick", "sim/steady"]
    run_id = workspace.of(ME).comparisons.start("run", "Why is the sky blue?", models)
    for place in range(len(models)):
        job = workspace.of(ME).chats.job(f"run-{place}")
        while job and not job.done:
            job.wait(0.05)
    lanes = [(lane.id, lane.model_id) for lane in workspace.of(ME).comparisons.get(run_id).lanes]
    workspace.of(ME).votes.cast(run_id, 0, 0, lanes, "facts")
    at = open_page("latency")
    at.session_state["latency-chart"] = "votes"
    at.run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == 1


def test_the_scarcest_long_window_says_what_is_left() -> None:
    def window(per: Any, limit: int, remaining: int | None) -> Window:
        left = None if remaining is None else Decimal(remaining)
        return Window("w", "groq", "model", "*", "k", "requests", per, Decimal(limit), Decimal(0), Decimal(0), left,
                      None, None, "counted")  # fmt: skip

    assert left_of([window("day", 10, 4), window("month", 100, 90), window("minute", 5, 0)]) == {"groq": 0.4}
    assert left_of([window("day", 10, None)]) == {}


def test_a_probe_runs_from_the_page_to_its_end(shared: AppState, open_page: Callable[..., AppTest]) -> None:
    at = open_page("latency")
    at.session_state["probe"] = True
    probe._start(["sim/quick"], 2, "Why is the sky blue?")
    running = shared.workspace.of(ME).probes.current()
    assert running
    assert running.future
    running.future.result(20)
    at = open_page("latency")
    assert any("Measured 2 answers" in element.value for element in at.info)
    at.button(key="probe-close").click().run()
    assert not at.info
    assert next(iter(rows(at).values()))[0] == "2"


def test_the_price_of_a_night_stands_before_it_is_switched_on(
    shared: AppState, open_page: Callable[..., AppTest]
) -> None:
    at = open_page("latency")
    at.session_state["night"] = True
    at.run()
    assert not at.exception
    assert "There is nothing to ask" in texts(at)
    nightly = shared.workspace.nightly
    provider = replace(shared.engine.catalog.providers["groq"], free=True)
    asks = [PlannedCall(provider, row, "k", input_tokens=10, output_tokens=1) for row in provider.models[:3]]
    windows = [[window_of(meter, datetime.now(UTC)) for meter in meters_of(provider, ask.model.name)] for ask in asks]
    nightly.price = lambda: plan(asks, windows)  # type: ignore[method-assign]
    nightly.last = lambda: Night(date(2026, 11, 28), datetime.now(UTC), datetime.now(UTC), 5, 1, 2)  # type: ignore[method-assign]
    at.run()
    shown = texts(at)
    assert (
        "A night costs: 3 calls · about 33 tokens · free · at most 0.1% of a daily quota (Groq: 1000 requests" in shown
    )
    assert "ROUNDTABLE_NIGHTLY_PROBE=true" in shown
    assert "Last night (2026-11-28): 5 answered, 1 failed, 2 skipped." in shown
    nightly.enabled = True
    at.run()
    assert "It starts at a random minute between 1:00 and 4:00." in texts(at)


def test_the_nightly_probe_is_told_from_peoples_calls(
    shared: AppState, filled: AppState, open_page: Callable[..., AppTest]
) -> None:
    assert "latency-nightly" not in {toggle.key for toggle in open_page("latency").toggle}
    one_token = Timing(datetime.now(UTC), 500.0, 500.0, 500.0, 510.0, 0.0, 90, 1, True)
    for number in range(3):
        answered(shared, number, "groq/openai/gpt-oss-120b", owner=NIGHTLY.id, timing=one_token)
    at = open_page("latency")
    assert not any("120b" in name for name in rows(at))
    at.toggle(key="latency-nightly").set_value(True).run()
    assert not at.exception
    assert any("120b" in name for name in rows(at))
    assert not any("quick" in name for name in rows(at))
