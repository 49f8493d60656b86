"""Who answered, on the pages: below an answer, above a column, in votes, files, batches and the charts of times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.records import Completion, Finish, Note, Timing
from core.ui import default_model, session
from core.ui.answer import meta, served
from core.ui.app_state import AppState
from core.ui.models import default_selection
from core.ui.models.marks import speaker_of
from core.views.batches import BatchPlan
from tests.pages.conftest import ME, a_chat, texts, with_keys
from tests.store.conftest import START
from tests.workspace.acme import until

ANOTHER = "sim/steady:as=quick"


def shown(at: AppTest) -> str:
    return texts(at).replace("\\", "")


def test_below_an_answer_stands_who_was_asked_and_who_answered(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    view = a_chat(shared.workspace, "Explain recursion", model_id="sim/router")
    done = view.turns[0].completion
    assert done
    at = open_page(c=view.id)
    name = done.answered_by.partition("/")[2]
    assert f"asked router, answered by {name} at {done.served_by} · first token" in shown(at)
    assert "another model" not in shown(at)
    assert f"请求 router，实际由 {done.served_by} 的 {name} 回答" in shown(open_page(c=view.id, lang="zh"))


def test_another_model_has_a_badge_and_a_sentence(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page(c=a_chat(shared.workspace, "Explain recursion", model_id=ANOTHER).id)
    assert "asked steady:as=quick, answered by quick" in shown(at)
    assert ":orange-badge[another model answered]" in shown(at)
    assert "The provider answered with quick instead of the model you asked" in shown(at)


def test_a_quantised_build_has_a_note_and_no_badge(shared: AppState) -> None:
    build = completion(served_model_id="sim/slow", response_model="slow-fp8", notes=(Note("served_as", "slow-fp8"),))
    assert meta.notes(build).replace("\\", "") == "Served as slow-fp8: the same model, quantised"
    assert meta.badges(build) == ""
    assert served.id_of("sim/slow", "sim/slow", "slow-fp8") == "slow-fp8"
    assert served.id_of("sim/slow", "sim/slow", "slow") == served.id_of("sim/slow", None, None) == ""


def test_an_imported_answer_of_nobody_has_no_empty_parts(shared: AppState) -> None:
    speaker = speaker_of("", session.engine().catalog.providers)
    assert meta.line(replace(completion(), model_id=""), speaker) == "imported, model unknown"


def test_the_model_that_was_asked_is_named_alone(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page(c=a_chat(shared.workspace, "Explain recursion").id)
    assert "answered by" not in shown(at)
    assert " quick · first token" in shown(at)


def completion(**fields: object) -> Completion:
    return Completion("sim/slow", "Yes.", "", None, Finish("stop"), Timing(START), **fields)  # type: ignore[arg-type]


def test_who_refused_and_who_answered_otherwise_are_told_apart(shared: AppState) -> None:
    both = completion(
        served_model_id="sim/quick", notes=(Note("failed_over", "groq/big"), Note("another_model", "quick"))
    )
    assert meta.notes(both).replace("\\", "") == (
        "big (Groq) failed, so slow (Demo) was asked instead · The provider answered with "
        "quick instead of the model you asked; times, votes and price are counted for it"
    )


def test_the_price_of_another_model_is_not_that_of_the_asked_one(shared: AppState) -> None:
    speaker = speaker_of("mistral/mistral-small-2603", session.engine().catalog.providers)
    plain = completion()
    assert meta.line(plain, speaker).endswith("free")
    assert meta.line(replace(plain, notes=(Note("another_model", "x"),)), speaker).endswith("price unknown")


@pytest.mark.parametrize(
    ("requested", "answered", "host", "expected"),
    [
        ("p/a", None, None, "a"),
        ("p/a", "p/a", None, "a"),
        ("p/a", "p/a", "Nebius", "a at Nebius"),
        ("p/a", "p/org/b", None, "asked a, answered by org/b"),
        ("p/a", "p/org/b", "Nebius", "asked a, answered by org/b at Nebius"),
    ],
)
def test_the_words(requested: str, answered: str | None, host: str | None, expected: str) -> None:
    assert served.called("a", requested, answered, host).replace("\\", "") == expected


def test_a_column_says_above_its_answer_who_gave_it_and_a_vote_counts_for_it(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    at = open_page("compare", m=[ANOTHER, "sim/slow"])
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    assert not at.exception
    assert shown(at).count(":orange[:material/swap_horiz: Answered by **quick**]") == 1
    at.button(key="vote-0").click().run()
    (vote,) = shared.workspace.of(ME).votes.all()
    assert (vote.winner, vote.model_ids) == ("sim/quick", ("sim/quick", "sim/slow"))
    assert "new entry" in shown(at)


def test_a_blind_column_says_nothing_of_it_before_the_vote(open_page: Callable[..., AppTest]) -> None:
    at = open_page("compare", m=[ANOTHER, "sim/slow"])
    at.toggle(key="blind-on-switch").set_value(True).run()
    at.chat_input(key="ask-all").set_value("Explain recursion").run()
    assert not at.exception
    assert "nswered by" not in shown(at)
    assert "another model" not in shown(at)
    at.button(key="vote-0").click().run()
    assert shown(at).count("Answered by **quick**") == 1


def test_a_batch_says_who_answered(open_page: Callable[..., AppTest], shared: AppState) -> None:
    plan = BatchPlan("mine", [ANOTHER, "sim/slow"], [(f"Explain number {n}", None) for n in range(3)])
    batches = shared.workspace.of(ME).batches
    name = batches.start("r1", plan)
    until(lambda: not batches.get(name).carried)
    assert [dict(item.answered_by) for item in batches.look(name).sums] == [{"sim/quick": 3}, {}]
    at = open_page("batch", batch=name)
    assert not at.exception
    assert "answered by: quick 3" in shown(at)
    assert list(at.dataframe[0].value.columns) == ["n", "prompt", "m0", "s0", "m1"]
    assert set(at.dataframe[0].value["s0"]) == {"quick"}
    assert f"{ANOTHER} served_model_id" in batches.download(name, "csv").decode().partition("\n")[0]
    assert b'"served_model_id": "sim/quick"' in batches.download(name, "jsonl")


def test_times_are_charted_for_who_answered(open_page: Callable[..., AppTest], shared: AppState) -> None:
    a_chat(shared.workspace, "Explain recursion", model_id=ANOTHER)
    series = shared.workspace.of(ME).measurements.series_of()
    assert {item.model_id for item in series} == {"sim/quick"}
    assert not open_page("latency").exception


def test_no_line_up_holds_a_router(open_page: Callable[..., AppTest], shared: AppState) -> None:
    at = open_page("compare")
    assert "router" not in at.query_params.get("m", [])
    assert not any("router" in name for name in default_selection.SIMULATED)
    with_keys(open_page(), {"openrouter": "sk-or-v1-0123456789abcdef"})
    names = list(default_model.usual())
    assert names[0].startswith("openrouter/")
    assert "openrouter/openrouter/free" not in names
    assert not default_model.current().endswith("/free")
