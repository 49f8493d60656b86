"""The chart draws what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.ui.app_state import AppState
from tests.pages.conftest import texts
from tests.pages.test_latency import answered


def test_the_chart_draws(open_page: Callable[..., AppTest], shared: AppState) -> None:
    for number in range(3):
        answered(shared, number, "sim/quick")
    at = open_page("latency")
    at.session_state["latency-chart"] = "counts"
    at.run()
    assert not at.exception
    assert "Answers in this range." in texts(at)
    (chart,) = at.get("plotly_chart")
    (bars,) = json.loads(chart.proto.spec)["data"]
    assert (bars["type"], list(bars["y"])) == ("bar", [3])
