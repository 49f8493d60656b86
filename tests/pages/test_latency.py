"""The Latency page without a browser: nothing made up, every chart draws, the CSV is what is drawn, the probe runs."""

from __future__ import annotations

import csv
import io
import json
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
from core.store.latency.buckets import Metric
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
    """The table: the cells of each model, with what stands small in them."""
    cells = {}
    for element in at.get("bidi_component"):
        if element.proto.component_name == "roundtable-latency":
            [part] = json.loads(element.proto.json)
            for row in part["rows"]:
                cells[row["id"]] = [f"{cell['text']} {cell.get('small', '')}".strip() for cell in row["cells"]]
    return cells


def of_all_time(at: AppTest) -> AppTest:
    at.session_state["latency-range"] = "all"
    return at.run()


def test_before_the_first_answer_the_page_says_what_will_come(open_page: Callable[..., AppTest]) -> None:
    at = open_page("latency")
    assert not at.exception
    assert "No measurements yet" in texts(at)
    assert not rows(at)


def test_medians_and_the_slow_end_stand_in_the_table(filled: AppState, open_page: Callable[..., AppTest]) -> None:
    at = of_all_time(open_page("latency"))
    by_model = rows(at)
    assert len(by_model) == len(MODELS)
    quick = by_model["sim/quick"]
    assert quick[0] == "24"
    assert quick[1] == "0.32 s 0.42 s"  # of 200 to 430 ms: 315 and 418.5, each within a hundredth
    assert quick[3].startswith("50 tok/s")
    assert "Hidden retries and cached answers: 4." in texts(at)


def test_with_disturbed_answers_there_are_more(filled: AppState, open_page: Callable[..., AppTest]) -> None:
    at = of_all_time(open_page("latency"))
    at.toggle(key="latency-clean").set_value(False).run()
    quick = rows(at)["sim/quick"]
    assert quick[0] == "25"
    assert quick[3].endswith("(n 24)")  # what came in one piece has no speed


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
    at = of_all_time(open_page("latency"))
    at.session_state["latency-chart"] = "week"
    at.run()
    at.toggle(key="latency-limits").set_value(True).run()
    at.selectbox(key="latency-model").set_value("sim/quick").run()
    assert not at.exception
    assert len(at.get("plotly_chart")) == 1
    assert "by weekday and hour, your time: 1 of 26" in texts(at)


def test_filters_leave_what_they_say(filled: AppState, open_page: Callable[..., AppTest]) -> None:
    at = of_all_time(open_page("latency"))
    at.selectbox(key="latency-provider").set_value("groq").run()
    assert len(rows(at)) == 1
    at.selectbox(key="latency-provider").set_value(None).run()
    at.selectbox(key="latency-size").set_value("small").run()
    assert "sim/quick" in rows(at)
    assert "gone/<b>model</b>" not in rows(at)  # of unknown size


def test_it_opens_on_today_and_says_where_older_answers_are(
    shared: AppState, open_page: Callable[..., AppTest]
) -> None:
    answered(shared, 50, "sim/quick")
    at = open_page("latency")
    assert "No answers today." in texts(at)
    at.button(key="latency-widen").click().run()
    assert list(rows(at)) == ["sim/quick"]
    answered(shared, 0, "sim/steady")
    assert list(rows(open_page("latency"))) == ["sim/steady"]


def test_real_models_and_simulated_ones_are_never_in_one_table(
    shared: AppState, open_page: Callable[..., AppTest]
) -> None:
    made_up = (Attempt("sim", "sim/quick", 1, "ok", 2210.0, cold=False, simulated=True),)
    answered(shared, 0, "sim/quick", attempts=made_up)
    at = open_page("latency")
    assert list(rows(at)) == ["sim/quick"]
    assert "latency-kind" not in {group.key for group in at.button_group}
    answered(shared, 0, "groq/openai/gpt-oss-20b")
    at.run()
    assert list(rows(at)) == ["groq/openai/gpt-oss-20b"]
    at.button_group(key="latency-kind").set_value("simulated").run()
    assert list(rows(at)) == ["sim/quick"]


def test_a_head_sorts_and_what_is_unknown_stays_last(shared: AppState, open_page: Callable[..., AppTest]) -> None:
    for number, model_id in enumerate(MODELS[:2]):
        answered(shared, 0, model_id, usage=Usage(9, 100 - 50 * number))
    answered(shared, 0, MODELS[2], usage=None)
    at = open_page("latency")
    at.session_state["latency-sort"], at.session_state["latency-reversed"] = "SPEED", True
    assert list(rows(at.run())) == list(MODELS[:3])
    at.session_state["latency-reversed"] = False
    assert list(rows(at.run())) == [MODELS[1], MODELS[0], MODELS[2]]


@pytest.mark.parametrize("hours", [0, 1, 5, 30, 24 * 7, 24 * 30, 24 * 400])
def test_the_ticks_of_a_time_axis_are_whole_quarters_hours_or_days(hours: int) -> None:
    last = datetime(2026, 11, 30, 18, 59, 59, 999500)  # noqa: DTZ001 - plotly reads no zones
    axis = chart_style.clock_axis(last - timedelta(hours=hours), last)
    first, until = axis["range"]
    assert until - first >= timedelta(hours=min(hours, 1) or 1)
    assert axis.get("dtick", 900_000) % 900_000 == 0
    assert "%S" not in axis["tickformat"]


def test_a_single_value_has_ticks_beside_it() -> None:
    low, high = chart_style.wide_enough(Metric.TTFT, [412.0])["range"]
    ticks = [tick for tick in chart_style.time_axis()["tickvals"] if 10**low <= tick <= 10**high]
    assert len(ticks) >= 2
    assert chart_style.wide_enough(Metric.TTFT, []) == {}


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
