"""What is left, on the screen: the price beside Send, the rows, the alerts, "that is wrong"; without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.providers.limits import Need, PlannedCall, Price, key_hash
from core.records import RateLimitReading, Usage, Window, WindowShare
from core.store.quota import ledger
from core.store.quota.grants import Hold
from core.ui import text
from core.ui.app_state import AppState
from core.ui.quota import board, burndown, picture, price_line, words
from core.ui.quota import ledger as quota_reads
from core.ui.quota.free_today import supply_of
from core.ui.quota.gauge import gauge
from core.ui.quota.outlook import outlook, pace
from core.ui.quota.whatif import scarcest
from core.ui.usage import cache_savings, calendar
from core.views.usage import CacheSavings, Day
from tests.pages.conftest import ME, a_chat, texts, with_keys

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = "gsk_0123456789abcdef0123"
MODEL = "groq/openai/gpt-oss-20b"
COMPARED = ["gemini/gemini-3.5-flash", MODEL, "sim/quick"]


def window(**fields: Any) -> Window:
    """A day's requests of one model, 20 in size, 4 left, half over."""
    defaults: dict[str, Any] = {
        "id": "w",
        "provider_id": "groq",
        "pool": "model",
        "scope": "openai/gpt-oss-20b",
        "key_hash": "k",
        "unit": "requests",
        "per": "day",
        "limit": Decimal(20),
        "used": Decimal(16),
        "reserved": Decimal(0),
        "remaining": Decimal(4),
        "starts_at": NOW - timedelta(hours=12),
        "resets_at": NOW + timedelta(hours=12),
        "source": "counted",
    }
    return Window(**{**defaults, **fields})


def call(shared: AppState, model_id: str, *readings: RateLimitReading, settle: bool = True, key: str = KEY) -> None:
    """One call through the ledger, as a page would have made it with this key."""
    provider, model = shared.engine.catalog.find(model_id)
    ask = PlannedCall(provider, model, key_hash(provider.id, key), input_tokens=50, output_tokens=150, insist=True)
    (hold,) = ledger.reserve(shared.workspace.database, ME, [ask]).grants
    assert isinstance(hold, Hold)
    ledger.sending(shared.workspace.database, hold.hold_id, 60)
    if settle:
        ledger.settle(shared.workspace.database, hold.hold_id, usage=Usage(50, 150), seen=readings)


def left_today(number: int) -> RateLimitReading:
    return RateLimitReading("requests", "day", Decimal(1000), Decimal(number))


def line_of(at: AppTest) -> str:
    return next(
        caption.value
        for caption in at.caption
        if any(word in caption.value for word in ("remaining", "left", "quota", "set up"))
        and not caption.value.startswith("Ask AI models")
    )


def with_key(at: AppTest) -> AppTest:
    return with_keys(at, {"groq": KEY})


def rows(at: AppTest) -> dict[str, list[str]]:
    """The table of the Quota page: what each row's cells say, by provider, pool and limit."""
    cells = {}
    for element in at.get("bidi_component"):
        if element.proto.component_name == "roundtable-quota":
            [part] = json.loads(element.proto.json)
            for row in part["rows"]:
                limit, *others = [f"{cell['text']} {cell.get('small', '')}".strip() for cell in row["cells"]]
                cells[" · ".join(filter(None, (row["name"], row["kind"], limit)))] = others
    return cells


def with_card(at: AppTest, name: str = "Groq") -> AppTest:
    """The page with the card of this row open."""
    for element in at.get("bidi_component"):
        if element.proto.component_name == "roundtable-quota":
            [part] = json.loads(element.proto.json)
            at.session_state["quota-open"] = next(row["id"] for row in part["rows"] if row["name"] == name)
    return at.run()


def test_simulated_models_cost_nothing_and_open_nothing(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    assert line_of(at) == "simulated · uses no quota"
    assert not shared.is_open


def test_before_the_database_is_open_what_is_left_is_said_to_be_unknown(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page()
    at.session_state["model"] = MODEL
    with_key(at)
    assert "Groq: uses 1 of at most 1,000 requests today, remaining unknown" in line_of(at)
    assert not shared.is_open


def test_the_price_stands_beside_send_and_follows_the_ledger(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    call(shared, MODEL, left_today(980))
    at = open_page()
    at.session_state["model"] = MODEL
    with_key(at)
    assert "Groq: uses 1 of your 980 remaining requests today" in line_of(at)
    assert "of this minute's tokens" in line_of(at)
    call(shared, MODEL, left_today(0))
    at.run()
    assert ":red[" in line_of(at)
    assert "choose another" in line_of(at)


def test_for_auto_both_models_are_named_before_the_question(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page()
    at.session_state["model"] = "auto"
    at.run()
    assert not at.exception
    assert line_of(at) == "easy: quick · hard: steady · simulated · uses no quota"
    small = shared.engine.catalog.find(MODEL)[1].size == "small"
    call(shared, MODEL, left_today(980))
    with_key(at)
    price = next(part for part in line_of(at).split("; ") if part.startswith("easy" if small else "hard"))
    assert "Groq: uses 1 of" in price


def test_for_auto_of_one_size_one_model_is_named(open_page: Callable[..., AppTest]) -> None:
    at = open_page()
    at.session_state["model"] = "auto/big"
    at.run()
    assert line_of(at) == "currently steady · simulated · uses no quota"


def test_a_comparison_names_each_provider_once(open_page: Callable[..., AppTest], shared: AppState) -> None:
    call(shared, MODEL, left_today(980))
    at = with_key(open_page("compare", m=COMPARED))
    assert not at.exception
    line = line_of(at)
    assert "Groq: uses 1 of your 980 remaining requests today" in line
    assert "Google Gemini: not set up" in line
    assert "simulated models use no quota" in line


def test_a_row_for_each_pool_and_window(open_page: Callable[..., AppTest], shared: AppState) -> None:
    call(shared, MODEL, left_today(120))
    call(shared, MODEL, settle=False)
    at = with_key(open_page("quota"))
    day = rows(at)["Groq · openai/gpt-oss-20b · 1,000 requests per day"]
    assert day[:2] == ["119", "880 +1 reserved"]
    assert day[3].startswith("response header ")
    assert "**119 requests** left today · 2,000 more as documented, not used yet" in texts(at)
    at = with_card(at)
    assert not at.exception
    shown = texts(at)
    assert "119 of 1,000 left" in shown
    assert "1 reserved by calls in progress" in shown
    assert "from a Groq response header" in shown
    assert "20% or less left" in shown
    assert "gpt\\-oss\\-20b" in at.warning[0].value
    assert "not used yet" in "\n".join(box.label for box in at.expander)


def test_that_is_wrong_forgets_what_the_provider_said(open_page: Callable[..., AppTest], shared: AppState) -> None:
    call(shared, MODEL, left_today(3))
    at = with_card(with_key(open_page("quota")))
    assert "3 of 1,000 left" in texts(at)
    for key in [button.key for button in at.button if button.label == "Reset this count"]:
        assert key
        at.button(key=key).click().run()
    assert not at.exception
    assert "Done. Until" in at.info[0].value
    assert "999 of 1,000 left" in texts(at)


def test_who_has_no_key_sees_no_window_of_it(open_page: Callable[..., AppTest], shared: AppState) -> None:
    call(shared, MODEL, left_today(120))
    at = open_page("quota")
    assert not at.exception
    assert "120" not in texts(at)
    assert "No quota to show yet" in texts(at)


def test_ten_more_comparisons(open_page: Callable[..., AppTest], shared: AppState) -> None:
    call(shared, MODEL, left_today(6))
    at = open_page("quota")
    at.session_state["line-up"] = {"m": [MODEL, "sim/quick"]}
    with_key(at)
    assert "**Groq**: enough for 6]" in texts(at)
    assert ":red[" in next(element.value for element in at.markdown if "enough for" in element.value)
    at.number_input(key="more-comparisons").set_value(5).run()
    assert ":green[" in next(element.value for element in at.markdown if "enough for" in element.value)


def test_the_page_is_chinese_too(open_page: Callable[..., AppTest], shared: AppState) -> None:
    call(shared, MODEL, left_today(120))
    at = with_card(with_key(open_page("quota", lang="zh")))
    assert not at.exception
    assert "剩 120 / 共 1,000" in texts(at)


@pytest.mark.parametrize(
    ("fields", "alerts"),
    [
        ({}, ("low", "pace")),
        ({"remaining": Decimal(0)}, ("empty",)),
        ({"used": Decimal(2), "remaining": Decimal(18)}, ()),
        ({"used": Decimal(12), "remaining": Decimal(8)}, ("pace",)),
        ({"remaining": None}, ()),
        ({"used": Decimal(0), "remaining": Decimal(20), "source": "documented"}, ()),
        ({"per": "at_once", "limit": Decimal(1), "used": Decimal(0), "remaining": Decimal(0)}, ()),
    ],
)
def test_alerts(fields: dict[str, Any], alerts: tuple[str, ...]) -> None:
    assert outlook(window(**fields), NOW).alerts == alerts


def test_unknown_is_hatched_and_never_full() -> None:
    text.use("en")
    html = gauge(outlook(window(remaining=None, used=Decimal(5)), NOW))
    assert 'class="gauge unknown"' in html
    assert "width:25.00%" in html
    assert "unknown" in html
    assert gauge(outlook(window(limit=None, remaining=None), NOW)).count("<i") == 0


def test_the_gauge_shows_used_reserved_and_where_an_even_pace_would_be() -> None:
    html = gauge(outlook(window(used=Decimal(4), reserved=Decimal(1), remaining=Decimal(15)), NOW))
    assert '<i class="used" style="width:20.00%">' in html
    assert '<i class="reserved" style="width:5.00%">' in html
    assert "left:50.0%" in html


def test_the_forecast_in_words() -> None:
    text.use("en")
    forecast = pace(outlook(window(), NOW), NOW, UTC)
    assert forecast == "at this rate used up by about 15:00, resets 00:00 UTC"
    calm = window(used=Decimal(2), remaining=Decimal(18))
    assert pace(outlook(calm, NOW), NOW, UTC) == "at this rate 16 left at the reset"
    money = window(unit="usd", per="month", limit=Decimal(10), used=Decimal("2.5"), remaining=Decimal("7.5"))
    assert pace(outlook(money, NOW), NOW, UTC) == "at this rate 5 USD left at the reset"
    assert words.reset(window(), NOW, UTC) == "resets in 12 h 0 min (00:00 UTC)"


def test_how_often_is_the_scarcest_window_and_none_where_nothing_says_so() -> None:
    day, money = Need(window(), Decimal(2), "fits"), Need(window(unit="usd", remaining=None), None, "unknown")
    result = scarcest(Price("groq", (day, money), "fits", None))
    assert result == (day, 2)
    assert scarcest(Price("groq", (money,), "unknown", None)) is None


def test_too_long_for_the_limit_is_said_so() -> None:
    text.use("en")
    need = Need(window(unit="tokens", per="minute", limit=Decimal(100), remaining=Decimal(80)), Decimal(500), "over")
    line = price_line._price(Price("groq", (need,), "over", None, None, need), "Groq", NOW, UTC)
    assert line.startswith(":red[:material/block: Groq: needs 500 tokens, 80 remaining this minute")
    assert "shorten the chat" in line


def test_where_only_money_is_counted_the_price_tells_what_is_left_of_it() -> None:
    text.use("en")
    month = {"unit": "usd", "per": "month", "limit": Decimal("0.05"), "used": Decimal("0.009")}
    need = Need(window(**month, remaining=Decimal("0.041")), Decimal("0.001"), "fits")
    assert (
        price_line._price(Price("groq", (need,), "fits", None), "Groq", NOW, UTC) == "Groq: 0.041 USD of 0.05 USD left"
    )
    blind = Need(window(**month, remaining=None), Decimal("0.001"), "unknown")
    assert "remaining quota unknown" in price_line._price(Price("groq", (blind,), "unknown", None), "Groq", NOW, UTC)


def test_in_a_comparison_the_model_that_does_not_fit_is_named() -> None:
    text.use("en")
    exhausted = Need(window(id="a", scope="big", used=Decimal(20), remaining=Decimal(0)), Decimal(1), "over")
    fits = Need(window(id="b", scope="small", used=Decimal(1), remaining=Decimal(19)), Decimal(1), "fits")
    line = price_line._price(Price("groq", (fits, exhausted), "over", None, fits, None), "Groq", NOW, UTC)
    assert line.startswith(
        ":red[:material/block: Groq (big): no requests left today · **not enough quota; choose another"
    )
    alone = price_line._price(Price("groq", (exhausted,), "over", None, exhausted, None), "Groq", NOW, UTC)
    assert alone.startswith(":red[:material/block: Groq: no requests left today · ")
    text.use("zh")
    other_line = price_line._price(Price("groq", (fits, exhausted), "over", None, fits, None), "Groq", NOW, UTC)
    text.use("en")
    assert other_line.startswith(":red[:material/block: Groq (big)：今天请求次数已用完 · **")


def test_the_burn_down_counts_back_from_what_is_left(shared: AppState) -> None:
    from core.views.usage import CallRow

    def row(minutes: int, model_id: str = MODEL, cached: bool = False) -> CallRow:
        at = NOW - timedelta(minutes=minutes)
        return CallRow(at, "groq", model_id, 1, "ok", 5.0, None, 10, 20, False, None, cached, None, None)

    rows = [row(5), row(6, "groq/other"), row(7, cached=True), row(30)]
    left = burndown.points(window(), rows, NOW)
    assert [number for _, number in left] == [20, 6, 5, 5, 4, 4]
    assert [at for at, _ in left][-1] == NOW
    tokens = window(unit="tokens", limit=Decimal(1000), remaining=Decimal(500))
    assert burndown.points(tokens, rows, NOW)[1][1] == 560


def test_the_burn_down_opens(open_page: Callable[..., AppTest], shared: AppState) -> None:
    call(shared, MODEL, left_today(500))
    at = with_key(open_page("quota"))
    at.session_state["burn-down"] = True
    at.run()
    assert not at.exception
    assert "Requests per day" in at.selectbox(key="burn-window").options[0]


def test_a_window_that_has_ended_is_read_again_and_shows_fresh_numbers(
    open_page: Callable[..., AppTest], shared: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(shared, MODEL)
    with_key(open_page("quota"))
    snapshot: Any = board.WindowsSnapshot.__new__(board.WindowsSnapshot)
    snapshot.windows, snapshot.away = [window(resets_at=NOW + timedelta(seconds=5))], False
    reads: list[int] = []
    fresh = window(used=Decimal(0), remaining=Decimal(20), resets_at=NOW + timedelta(days=1))
    monkeypatch.setattr(quota_reads, "windows", lambda: reads.append(1) or [fresh])
    monkeypatch.setattr(board, "looks_of", lambda windows, now: windows)
    assert snapshot.looks(NOW)[0].remaining == 4
    assert not reads
    assert snapshot.looks(NOW + timedelta(seconds=5))[0].remaining == 20
    assert snapshot.looks(NOW + timedelta(seconds=6))[0].remaining == 20
    assert reads == [1]


@pytest.mark.parametrize(
    ("fields", "near"),
    [
        ({"resets_at": NOW + timedelta(seconds=99)}, True),
        ({"resets_at": NOW + timedelta(seconds=101)}, False),
        ({"resets_at": None}, False),
        ({"resets_at": NOW + timedelta(seconds=9), "used": Decimal(0), "remaining": Decimal(20)}, False),
        ({"resets_at": NOW + timedelta(seconds=9), "used": Decimal(0), "remaining": Decimal(19)}, True),
    ],
)
def test_only_a_window_in_use_that_ends_soon_is_drawn_each_second(fields: dict[str, Any], near: bool) -> None:
    assert board.is_near([outlook(window(**fields), NOW)], NOW) is near


def test_the_calendar_says_what_will_come_and_then_shows_it(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page("quota")
    at.session_state["calendar"] = True
    at.run()
    assert "After your first question" in texts(at)
    a_chat(shared.workspace, "Hi", "And then?")
    at.run()
    assert not at.exception
    assert "Requests: 2 on 1 of " in texts(at)
    assert "Simulated calls only" in texts(at)
    at.button_group(key="calendar-what").set_value("tokens").run()
    assert "Tokens: " in texts(at)


def test_each_square_of_the_calendar_is_a_day() -> None:
    text.use("en")
    monday, sunday = date(2026, 5, 25), date(2026, 11, 22)
    days = {
        date(2026, 5, 25): Day(date(2026, 5, 25), 4, 1, None, False, unpriced=3),
        date(2026, 11, 20): Day(date(2026, 11, 20), 16, 0, 3200, True, cost_usd=Decimal("0.0123"), unpriced=2),
    }
    heatmap = calendar.chart(days, "requests", monday, sunday - timedelta(days=1)).data[0]
    assert (len(heatmap.z), len(heatmap.z[0])) == (7, 26)
    assert (heatmap.z[0][0], heatmap.z[4][25], heatmap.z[1][0], heatmap.z[6][25]) == (0.5, 1.0, 0.0, None)
    assert heatmap.text[0][0] == "Mon May 25, 2026<br>4 requests, 1 of them failed, tokens unknown, cost: —"
    assert heatmap.text[4][25].endswith("16 requests, ~3,200 tokens, cost: $0.0123 + 2 unknown")
    assert heatmap.text[1][0] == "Tue May 26, 2026: no questions"
    cost, unknown = calendar.chart(days, "cost", monday, sunday).data
    assert (unknown.x, unknown.y, unknown.text) == (("2026-05-25",), ("Mon",), ("—",))
    assert (cost.z[0][0], cost.z[4][25]) == (0.0, 1.0)
    words = calendar.summary(list(days.values()), "cost", 182)
    assert words == "Cost: $0.0123 on 1 of 182 days; most on Nov 20, 2026: $0.0123; 5 calls of unknown cost"
    assert calendar.summary([Day(monday, 4, 0, 9, False)], "cost", 182) == "No call is known to have cost anything"


def test_what_the_cache_saved_shows_no_number_where_there_is_none() -> None:
    text.use("en")
    savings = CacheSavings(4, 1600, Decimal("0.0004"), 5400.0, 4, 3, 4)
    lines = cache_savings.table(["today", "in all"], [CacheSavings(0, None, None, None, 0, 0, 0), savings]).splitlines()
    assert lines[2] == "| today | 0 | — | — | — |"
    assert lines[3] == "| in all | 4 | 1.6k | ≥ 0.0004 USD | 5.4 s |"


def test_the_price_line_warns_where_the_pace_ends_before_the_reset() -> None:
    text.use("en")
    day = window(used=Decimal(12), remaining=Decimal(8))
    need = Need(day, Decimal(1), "fits")
    line = price_line._price(Price("groq", (need,), "fits", None, need, None), "Groq", NOW, UTC)
    uses = "Groq: uses 1 of your 8 remaining requests today (until 00:00)"
    assert line == f":orange[:material/trending_down: {uses} · at this rate used up by about 20:00]"
    calm = Need(window(used=Decimal(2), remaining=Decimal(18)), Decimal(1), "fits")
    line = price_line._price(Price("groq", (calm,), "fits", None, calm, None), "Groq", NOW, UTC)
    assert line == "Groq: uses 1 of your 18 remaining requests today (until 00:00)"


def test_the_price_tells_what_it_uses_what_remains_and_until_when() -> None:
    text.use("en")
    day = Need(window(limit=Decimal(1000), used=Decimal(0), remaining=Decimal(1000)), Decimal(1), "fits")
    minute = Need(window(unit="tokens", per="minute", limit=Decimal(100), remaining=Decimal(80)), Decimal(26), "fits")
    line = price_line._price(Price("groq", (day, minute), "fits", None, day, minute), "Groq", NOW, UTC)
    assert line.startswith("Groq: uses 1 of your 1,000 remaining requests today (until 00:00)")
    assert line.endswith(" · 26% of this minute's tokens")


def of_model(name: str, limit: int | None, left: int | None, *, touched: bool = False, **fields: Any) -> Window:
    size, remaining = (None if number is None else Decimal(number) for number in (limit, left))
    used = Decimal(0) if size is None or remaining is None else size - remaining
    source = "counted" if touched else "documented"
    return window(
        **{"id": name, "scope": name, "limit": size, "remaining": remaining, "used": used, "source": source, **fields}
    )


FAIR = WindowShare(Decimal(25), Decimal(10), Decimal(15))
SHARED: dict[str, Any] = {"pool": "account", "scope": "*"}


@pytest.mark.parametrize(
    ("windows", "measured", "documented", "used", "held"),
    [
        ([of_model("a", 100, 90, touched=True), of_model("b", 100, 100)], 90, 100, 10, 0),
        ([of_model("all", 50, 40, touched=True, **SHARED)], 40, 0, 10, 0),
        ([of_model("all", 50, 50, **SHARED), of_model("a", 100, 100), of_model("b", 100, 100)], 0, 50, 0, 0),
        (
            [of_model("a", 100, 90, touched=True), of_model("all", 900, 30, touched=True, per="month", **SHARED)],
            30, 0, 10, 60,
        ),
        ([of_model("all", 50, 40, touched=True, **SHARED, share=FAIR)], 15, 0, 10, 25),
    ],
)  # fmt: skip
def test_of_shared_pools_each_counts_once_and_what_is_documented_stands_apart(
    windows: list[Window], measured: int, documented: int, used: int, held: int
) -> None:
    supply = supply_of("groq", windows, ["a"] if any(w.per == "month" for w in windows) else ["a", "b"])
    assert supply
    assert (supply.measured, supply.documented, supply.used, supply.held) == (measured, documented, used, held)
    assert sum(share for _, share in picture.shares(supply)) == pytest.approx(1)


def test_speech_models_give_no_requests_for_questions() -> None:
    windows = [of_model("a", 100, 90, touched=True), of_model("whisper", 2000, 1999, touched=True)]
    supply = supply_of("groq", windows, ["a", "whisper"], ["whisper"])
    assert supply
    assert (supply.size, supply.measured, supply.used, supply.is_least) == (100, 90, 10, False)


def test_what_is_unknown_is_hatched_in_the_picture_and_in_no_sum() -> None:
    text.use("en")
    blind = supply_of("groq", [of_model("a", 100, None)], ["a"])
    assert blind
    assert picture.shares(blind) == [("unknown", 1.0)]
    some = supply_of("groq", [of_model("a", 100, 90, touched=True), of_model("b", None, None)], ["a", "b"])
    assert some
    assert picture.shares(some)[-1] == ("unknown", picture.TAIL)
    assert picture.headline([some, blind]) == "**90+ requests** left today"
    assert supply_of("groq", [of_model("a", None, None)], ["a"]) is None


def test_without_keys_the_page_tells_what_providers_would_give(open_page: Callable[..., AppTest]) -> None:
    at = open_page("quota")
    assert "providers not in use would give" in texts(at)
    assert not rows(at)
