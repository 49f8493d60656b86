"""Reasoning effort on the pages, without a browser: sent, kept, shown, compared, hidden while blind, told apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from core.providers.feature_refusals import place_of
from core.records import Attempt, CallFacts, Completion, Finish, Note, Timing, Usage
from core.store import calls
from core.ui.answer import meta
from core.ui.app_state import AppState
from core.ui.compare import column_settings
from core.ui.models import efforts
from core.ui.models.marks import speaker_of
from tests.pages.conftest import ME, in_address, texts

QUICK = "sim/quick"
ATTEMPTS = (Attempt("sim", QUICK, 1, "ok", 2010.0, cold=False, simulated=False),)
LEVELS = ["low", "medium", "high"]


def of_three(open_page: Callable[..., AppTest], *, blind: bool = False) -> AppTest:
    """A comparison of one model with three efforts, asked."""
    at = open_page("compare", m=[QUICK] * 3)
    at.session_state[column_settings.DRAFTS] = {place: {"effort": level} for place, level in enumerate(LEVELS)}
    at.run()
    if blind:
        at.toggle(key="blind-on-switch").set_value(True).run()
    return at.chat_input(key="ask-all").set_value("Explain recursion").run()


def test_an_effort_is_sent_kept_and_shown(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    [box] = [box for box in at.selectbox if box.label == "Reasoning effort"]
    box.set_value("high").run()
    at.chat_input(key="ask").set_value("Explain recursion").run()
    view = shared.workspace.of(ME).chats.get(in_address(at, "c"))
    [turn] = view.turns
    assert view.generation.effort == "high"
    assert turn.completion
    assert turn.completion.effort == "high"
    assert turn.completion.usage
    assert turn.completion.usage.reasoning_tokens
    assert "effort high" in texts(at)
    assert "of them reasoning" in texts(at)


def test_what_was_refused_is_said_before_it_is_sent_and_can_be_tried_again(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    engine = shared.workspace.engine
    simulator = engine.catalog.providers["sim"]
    engine.directory.model_life.refusals.note(place_of(simulator, None), "quick", "effort")
    at = open_page(model=QUICK)
    assert "because its provider refused it" not in texts(at)
    [box] = [box for box in at.selectbox if box.label == "Reasoning effort"]
    box.set_value("high").run()
    assert "Not sent to **quick**, because its provider refused it: reasoning effort (" in texts(at)
    at.chat_input(key="ask").set_value("Explain recursion").run()
    assert "Not supported by this model, so not sent: reasoning effort" in texts(at)
    at.button(key=f"try-again-{QUICK}").click().run()
    assert "because its provider refused it" not in texts(at)
    engine.directory.model_life.refusals.note(place_of(simulator, None), "quick", "tools")
    providers = open_page("providers", open="sim")
    assert "refused: tools (" in texts(providers)
    providers.button(key="forget-refused-sim").click().run()
    assert "refused: tools (" not in texts(providers)


def test_a_budget_has_a_box_for_its_tokens(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page()
    [box] = [box for box in at.selectbox if box.label == "Reasoning effort"]
    assert "Thinking tokens, at most" not in [number.label for number in at.number_input]
    box.set_value("budget").run()
    [number] = [number for number in at.number_input if number.label == "Thinking tokens, at most"]
    number.set_value(2_000).run()
    at.chat_input(key="ask").set_value("Explain recursion").run()
    assert shared.workspace.of(ME).chats.get(in_address(at, "c")).generation.effort == 2_000


def test_an_effort_that_a_model_lacks_is_mapped_and_said(open_page: Callable[..., AppTest], shared: AppState) -> None:
    provider = shared.engine.catalog.providers["sim"]
    two = tuple(replace(model, efforts=("low", "high")) for model in provider.models)
    shared.engine.catalog.providers["sim"] = replace(provider, models=two)
    at = open_page()
    [box] = [box for box in at.selectbox if box.label == "Reasoning effort"]
    [medium] = [option for option in box.options if option.startswith("medium")]
    speaker = speaker_of(QUICK, shared.engine.catalog.providers)
    assert speaker.provider
    instead = efforts.sent_instead("medium", speaker.provider, speaker.model)
    assert instead in ("low", "high")
    assert medium == f"medium (sent as {instead})"
    box.set_value("medium").run()
    assert f"quick does not have this effort; the nearest is sent: {instead}." in texts(at)


def test_the_line_below_an_answer_tells_the_effort_that_was_sent() -> None:
    timing = Timing(datetime(2026, 11, 22, tzinfo=UTC))
    completion = Completion(QUICK, "Yes.", "", Usage(1, 9, reasoning_tokens=4), Finish("stop"), timing, effort="medium")
    speaker = speaker_of(QUICK, {})
    assert "effort medium" in meta.line(completion, speaker)
    assert "4 of them reasoning" in meta.line(completion, speaker)
    assert "effort low" in meta.line(replace(completion, notes=(Note("effort_sent", "low"),)), speaker)
    assert "effort" not in meta.line(replace(completion, effort=None), speaker)


def test_one_click_compares_the_efforts_of_a_model(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("compare", m=[QUICK, "sim/steady"])
    at.session_state["same"] = True
    at.run()
    at.button(key="same-efforts-first").click().run()
    assert at.query_params["m"] == [QUICK] * 3
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    run = shared.workspace.of(ME).comparisons.get(in_address(at, "run"))
    answers = [lane.turns[0].completion for lane in run.lanes]
    assert [answer and answer.effort for answer in answers] == LEVELS
    thoughts = [(answer and answer.usage and answer.usage.reasoning_tokens) or 0 for answer in answers]
    assert thoughts == sorted(thoughts)
    assert len(set(thoughts)) == 3


def test_a_vote_between_efforts_names_them_and_counts_for_no_model(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = of_three(open_page)
    assert [at.button(key=f"vote-{place}").label for place in range(3)] == ["A · low", "B · medium", "C · high"]
    at.button(key="vote-2").click().run()
    assert "Both columns are the same model, so no one wins." in texts(at)
    [vote] = shared.workspace.of(ME).votes.all()
    assert (vote.winner, vote.place) == (QUICK, 2)


def test_a_blind_comparison_does_not_tell_the_efforts(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = of_three(open_page, blind=True)
    run = shared.workspace.of(ME).comparisons.get(in_address(at, "run"))
    assert {str(lane.turns[0].completion and lane.turns[0].completion.effort) for lane in run.lanes} == {*LEVELS}
    shown = texts(at) + " ".join(button.label for button in at.button)
    assert not [word for word in ("effort", "reasoning", "Thought for", " low", " medium", " high") if word in shown]
    at.button(key="vote-0").click().run()
    shown = texts(at)
    assert all(f"effort {level}" in shown for level in LEVELS)


def test_latency_tells_efforts_apart_until_it_is_told_not_to(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page("latency")
    assert "latency-efforts" not in [toggle.key for toggle in at.toggle]
    for number, effort in enumerate(("low", "high")):
        keep(shared, number, effort)
    at = open_page("latency")
    at.session_state["latency-range"] = "all"
    at.run()
    assert at.toggle(key="latency-efforts").value
    apart = table(at)
    assert "quick · low" in apart
    assert "quick · high" in apart
    at.toggle(key="latency-efforts").set_value(False).run()
    assert " · low" not in table(at)
    assert " · high" not in table(at)


def keep(shared: AppState, number: int, effort: str) -> None:
    timing = Timing(datetime.now(UTC), 200.0, 300.0, 2000.0, 2010.0, 0.0, 90, 90, True)
    completion = Completion(QUICK, "Yes.", "", Usage(9, 100), Finish("stop"), timing, attempts=ATTEMPTS)
    facts = CallFacts("", effort=effort)  # type: ignore[arg-type]
    assert calls.add(shared.workspace.database, ME, replace(completion, facts=facts), request_id=f"r-{number}")


def table(at: AppTest) -> str:
    parts = [json.loads(element.proto.json) for element in at.get("bidi_component")]
    return json.dumps(parts, ensure_ascii=False)


def test_the_price_line_counts_the_thinking(open_page: Callable[..., AppTest]) -> None:
    at = open_page(model=QUICK)
    assert "output tokens" not in texts(at)
    [box] = [box for box in at.selectbox if box.label == "Reasoning effort"]
    box.set_value("high").run()
    assert "about 4,800 output tokens (a guess: too few earlier answers at this effort)" in texts(at)
    columns = open_page("compare", m=[QUICK] * 3)
    columns.session_state[column_settings.DRAFTS] = {place: {"effort": level} for place, level in enumerate(LEVELS)}
    columns.run()
    assert "about 7,200 output tokens together, partly guessed" in texts(columns)
