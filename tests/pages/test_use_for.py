"""What to use for what, on the screen: a table on Insights, a sentence beside the picker, a reason under Auto."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.store import runs
from core.ui.app_state import AppState
from tests.pages.conftest import ME, a_chat, texts, with_keys
from tests.pages.test_quota import KEY, MODEL, call, left_today
from tests.pages.test_routing import ROUTED, SMALL, an_answer

CODE = "Write a Python function that sorts a list."


def vote(shared: AppState, wins: int, losses: int, topic: str = "code", other: str = "sim/quick") -> None:
    run_id, lanes = runs.create(shared.workspace.database, ME, f"r-{topic}", [SMALL, other], prompt="p")
    shown = [(lane.conversation_id, lane.model_id) for lane in lanes]
    for turn in range(wins + losses):
        shared.workspace.of(ME).votes.cast(run_id, turn, int(turn >= wins), shown, topic)


def shown(at: AppTest) -> str:
    return texts(at).replace("\u00a0", " ")


def test_insights_say_what_to_use_with_figures(open_page: Callable[..., AppTest], shared: AppState) -> None:
    vote(shared, 40, 18)
    vote(shared, 16, 14, "maths")
    vote(shared, 5, 0, "facts")
    call(shared, MODEL, left_today(900))
    at = with_keys(open_page("insights"), {"groq": KEY})
    assert not at.exception
    table = next(element.value for element in at.markdown if "Kind of question" in element.value).replace("\u00a0", " ")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert [row[0] for row in rows] == ["**Code**", "**Maths**", ":gray[or]", "**All questions**"]
    assert rows[0][2:5] == ["69% (56 to 79)", "58", "900 calls left today"]
    assert rows[2][4] == "no limit"
    assert "do not separate these models" in shown(at)
    assert "Too few votes so far: Facts 5" in shown(at)


def test_insights_say_how_many_votes_it_takes(open_page: Callable[..., AppTest], shared: AppState) -> None:
    vote(shared, 5, 0)
    at = open_page("insights")
    assert "After 20 votes on one kind of question" in texts(at)


def test_the_sentence_stands_beside_the_picker_once_the_kind_is_known(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    vote(shared, 40, 18)
    call(shared, MODEL, left_today(900))
    at = with_keys(open_page(c=a_chat(shared.workspace, CODE).id), {"groq": KEY})
    assert "Code: **gpt\\-oss\\-20b** wins 69% (56 to 79) of 58 votes, 900 calls left today" in shown(at).replace(
        "openai/", ""
    )
    at.button(key="use-best").click().run()
    assert at.session_state["model"] == SMALL
    assert not [button for button in at.button if button.key == "use-best"]
    other = with_keys(open_page(c=a_chat(shared.workspace, "Who wrote Faust?").id), {"groq": KEY})
    assert "wins" not in shown(other)
    assert "wins" not in shown(open_page())


def test_models_that_the_votes_do_not_separate_are_both_named(
    open_page: Callable[..., AppTest], shared: AppState
) -> None:
    vote(shared, 16, 14)
    at = with_keys(open_page(c=a_chat(shared.workspace, CODE).id), {"groq": KEY})
    assert "or **Demo · quick**: 47% (30 to 64) of 30 votes" in shown(at)
    assert "Your votes do not separate them." in shown(at)


def test_auto_says_whether_the_votes_agree(open_page: Callable[..., AppTest], shared: AppState) -> None:
    vote(shared, 40, 18, "maths")
    conversation = an_answer(shared, notes=ROUTED)  # "Prove it" is maths, answered by the big model
    at = with_keys(open_page(c=conversation), {"groq": KEY})
    assert "Auto goes by difficulty, not by votes; yours say: Maths: " in shown(at)
