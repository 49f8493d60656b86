"""Advice by votes with what is left and how fast: of one person, and kept for half a minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from core.records import Attempt, Completion, Finish, Owner, Timing, Usage
from core.store import calls, runs
from core.workspace import Workspace
from core.workspace.use_for import FRESH_S, MOST_OWNERS, Advice, RecentAdvice, Recommendations
from tests.workspace.acme import KEYS, per, table, workspace_of

ME, ACME, DEMO = "me", "acme/small", "sim/quick"


def opened(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, table("acme", "http://127.0.0.1:9/v1", per("requests", "day", 1000)))


def vote(workspace: Workspace, owner_id: str, *choices: int, topic: str = "code") -> None:
    run_id, lanes = runs.create(workspace.database, owner_id, f"r-{owner_id}-{topic}", [ACME, DEMO], prompt="p")
    shown = [(lane.conversation_id, lane.model_id) for lane in lanes]
    for turn, choice in enumerate(choices):
        workspace.of(owner_id).votes.cast(run_id, turn, choice, shown, topic)


def answer(workspace: Workspace, owner_id: str, ttft_ms: float) -> None:
    timing = Timing(datetime.now(UTC), ttft_ms, ttft_ms, 2000.0, 2010.0, 0.0, 120, 120, True)
    attempt = Attempt("acme", ACME, 1, "ok", 2010.0, cold=False, simulated=False)
    completion = Completion(ACME, "Yes.", "", Usage(10, 80), Finish("stop"), timing, attempts=(attempt,))
    assert calls.add(workspace.database, owner_id, completion, request_id=f"a-{owner_id}-{ttft_ms}")


def test_it_says_who_wins_what_is_left_and_when_it_begins(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    vote(workspace, ME, *[0] * 21, 1)
    answer(workspace, ME, 400.0)
    answer(workspace, "somebody else", 9000.0)
    advice = workspace.of(ME, KEYS).recommendations.now()
    use = advice.on("code")
    assert use is not None
    assert [rival.model_id for rival in use.best] == [ACME]
    offer = advice.offers[ACME]
    assert (offer.left, offer.per) == (Decimal(1000), "day")
    assert offer.ttft_ms is not None
    assert (round(offer.ttft_ms / 10), offer.answers) == (40, 1)


def test_it_is_of_one_person_only(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    vote(workspace, ME, *[0] * 22)
    assert workspace.of("somebody else").recommendations.recent() == Advice()
    assert workspace.of(ME, KEYS).recommendations.recent().on("code")


def test_few_votes_are_no_advice_and_read_nothing_more(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    vote(workspace, ME, 0, 0, 1)
    advice = workspace.of(ME, KEYS).recommendations.now()
    assert advice.on("code") is None
    assert [use.most for use in advice.uses] == [3]
    assert advice.offers == {}


def test_a_model_that_cannot_be_asked_is_not_advised(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    run_id, lanes = runs.create(workspace.database, ME, "r1", ["gone/model", DEMO], prompt="p")
    shown = [(lane.conversation_id, lane.model_id) for lane in lanes]
    for turn in range(44):
        workspace.of(ME).votes.cast(run_id, turn, turn % 2, shown, "code")
    use = workspace.of(ME, KEYS).recommendations.now().on("code")
    assert use is not None
    assert [rival.model_id for rival in use.best] == [DEMO]
    assert workspace.of(ME, KEYS).recommendations.now().offers[DEMO].counted is False


def test_it_is_kept_for_half_a_minute_by_owner_and_keys(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    now = [100.0]
    recent = RecentAdvice(lambda: now[0])

    def of(keys: Mapping[str, str]) -> Recommendations:
        return Recommendations(workspace.engine, workspace.database, workspace.budget, recent, Owner(ME, keys))

    assert of(KEYS).recent().uses == ()
    vote(workspace, ME, *[0] * 22)
    assert of(KEYS).recent().uses == ()  # as half a minute ago
    assert of(KEYS).now().on("code")  # the Insights page reads anew
    vote(workspace, ME, *[0] * 22, topic="facts")
    assert of(KEYS).recent().on("facts") is None
    now[0] += FRESH_S + 1
    assert of(KEYS).recent().on("facts")
    assert of({}).recent().on("facts") is None  # without its key Acme cannot be asked, and Demo lost


def test_memory_is_bounded() -> None:
    recent = RecentAdvice(lambda: 1.0)
    for number in range(MOST_OWNERS + 1):
        recent.keep(str(number), "keys", Advice())
    assert recent.get("0", "keys") is None
    assert recent.get("1", "keys") == Advice()
