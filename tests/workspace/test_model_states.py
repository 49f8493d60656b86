"""What calls, refusals, headers and lists tell of a model: kept for all processes, with date and evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import pytest

from core.assemble import build
from core.errors import Auth, BadRequest, Credits, Forbidden, LLMError, QuotaSpent, RateLimited, Server
from core.errors import ModelNotFound as NotFound
from core.model_life import ModelLife, ProviderLife
from core.options import load as load_settings
from core.providers.catalog import load
from core.providers.limits import key_hash
from core.providers.listings import Listings
from core.providers.model_states import MemoryModelStates, ModelState, after_call, with_end
from core.providers.standing import Standing
from core.providers.sunset import EndNotice
from core.records import ListedModel, Model, RateLimitReading
from core.store import Health, Unavailable
from core.store.opening import open_database
from core.store.quota.model_states import ModelStates
from core.store.quota.standings import Standings
from core.workspace import Workspace
from tests.net.faulty_server import DONE, HEAD_SSE, SCRIPTS, SUNSET_ON, FaultyServer, delta
from tests.workspace.acme import KEYS, answer, model, opened, per, table, until, workspace_of

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
GROQ = load().providers["groq"]
BIG, SMALL, QWEN = "openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3.8-27b"
KEY = "gsk-0123456789"


def row(name: str) -> Model:
    return next((listed for listed in GROQ.models if listed.name == name), Model(f"groq/{name}", name, "groq"))


def used_up(period: str = "day", left: int = 0) -> list[RateLimitReading]:
    return [RateLimitReading("requests", period, Decimal(10), Decimal(left))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "readings", "state", "evidence", "why"),
    [
        (None, [], "live", "call", ""),
        (None, used_up(left=3), "live", "call", ""),
        (None, used_up(), "limited", "header", ""),
        (None, used_up("minute"), "live", "call", ""),
        (NotFound("The model `x` does not exist", status=404, origin="provider"), [], "gone", "refusal", "not_found"),
        (NotFound("It has been retired", status=404, origin="provider"), [], "gone", "refusal", "not_found"),
        (NotFound("Gone", status=410, origin="provider"), [], "gone", "refusal", "not_found"),
        (RateLimited("slow down", origin="provider"), [], "limited", "refusal", "rate_limited"),
        (QuotaSpent("enough", origin="provider"), [], "limited", "refusal", "quota_spent"),
        (Credits("no balance", origin="provider"), [], "limited", "refusal", "credits"),
        (Credits("PAYMENT_METHOD_REQUIRED: add a card", origin="provider"), [], "limited", "refusal", "needs_card"),
        (Forbidden("please add a payment method", origin="provider"), [], "limited", "refusal", "needs_card"),
        (Server("oops", origin="provider"), [], "degraded", "refusal", "server"),
    ],
)
def test_what_the_end_of_a_call_tells(
    error: LLMError | None, readings: list[RateLimitReading], state: str, evidence: str, why: str
) -> None:
    assert after_call(error, readings, now=lambda: NOW) == ModelState(state, NOW, evidence, why)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        NotFound("404 page not found", status=404, origin="provider"),
        NotFound("groq has no such model"),
        Auth("wrong key", origin="provider"),
        Forbidden("not in your country", origin="provider"),
        BadRequest("too hot", origin="provider"),
    ],
)
def test_what_tells_nothing_of_the_model(error: LLMError) -> None:
    assert after_call(error, now=lambda: NOW) is None


def life(
    names: list[str] | None = None,
    called: dict[str, ModelState] | None = None,
    details: list[ListedModel] | None = None,
    now: datetime = NOW,
    listed_at: datetime = NOW,
) -> ProviderLife:
    listings = Listings(now=lambda: listed_at)
    if names is not None:
        listings.keep("groq", KEY, names, lasting=False, details=details or [])
    made = ModelLife(listings, lambda: now)
    for name, seen in (called or {}).items():
        made.states.note("groq", key_hash("groq", KEY), name, seen)
    return made.of(GROQ, KEY)


def test_a_list_that_names_half_of_the_models_tells_which_are_gone() -> None:
    states = life([BIG, SMALL])
    assert states.state(row(QWEN)) == ModelState("gone", NOW, "listing", "not_listed")
    assert not states.is_offered(row(QWEN))
    assert states.state(row(BIG)) == ModelState("live", NOW, "listing")
    assert states.is_offered(row(BIG))


@pytest.mark.parametrize("names", [[], ["gpt-oss-120b", "gpt-oss-20b"], [BIG, "x", "y"]])
def test_a_list_with_other_names_tells_nothing(names: list[str]) -> None:
    assert life(names).state(row(QWEN)) == ModelState()
    assert life(names).is_offered(row(QWEN))


def test_without_a_list_nothing_is_known() -> None:
    assert life().state(row(BIG)).state == "unknown"


def gone(days: float) -> ModelState:
    return ModelState("gone", NOW - timedelta(days=days), "refusal", "not_found")


@pytest.mark.parametrize(
    ("names", "called", "state"),
    [
        ([BIG, SMALL], gone(1), "gone"),  # lists often name what nobody can call
        ([BIG, SMALL], gone(8), "unknown"),  # to be tried again
        ([BIG, SMALL], ModelState("live", NOW - timedelta(days=1), "call"), "live"),
        ([SMALL, QWEN], ModelState("live", NOW - timedelta(days=1), "call"), "gone"),  # the list is newer
        ([SMALL, QWEN], ModelState("live", NOW + timedelta(hours=1), "call"), "live"),
        ([SMALL, QWEN], gone(8), "gone"),
        (None, gone(1), "gone"),
    ],
)
def test_of_a_call_and_a_list_the_better_word_counts(names: list[str] | None, called: ModelState, state: str) -> None:
    assert life(names, {BIG: called}).state(row(BIG)).state == state


def test_the_end_that_a_list_tells_overrules_the_catalogue() -> None:
    ending = ListedModel(BIG, ends_on=date(2026, 12, 1), successor=SMALL, window_tokens=7)
    states = life([BIG, SMALL], details=[ending])
    assert states.days_left(row(BIG)) == 2
    assert states.row(row(BIG)).successor == SMALL
    assert states.row(row(BIG)).window_tokens == 131_000
    assert life([BIG, SMALL], details=[ending], now=datetime(2026, 12, 1, tzinfo=UTC)).has_ended(row(BIG))


def test_a_model_that_comes_later_is_new_for_a_week(tmp_path: Path) -> None:
    at = NOW
    listings = Listings(tmp_path / "models.json", lambda: at)
    listings.keep("groq", KEY, [BIG, SMALL], lasting=True)
    at = NOW + timedelta(days=3)
    listings.keep("groq", KEY, [BIG, SMALL, "moonshotai/kimi-k3"], lasting=True)
    for lists in (listings, Listings(tmp_path / "models.json", lambda: at)):
        states = ModelLife(lists, lambda: at).of(GROQ, KEY)
        assert states.is_new(row("moonshotai/kimi-k3"))
        assert not states.is_new(row(BIG))
        assert not states.is_new(row("never/seen"))
        late = replace(states, now=at + timedelta(days=8))
        assert not late.is_new(row("moonshotai/kimi-k3"))


def test_what_a_call_told_is_known_to_other_processes_and_hides_the_model(tmp_path: Path, server: FaultyServer) -> None:
    day = per("requests", "day", 1000)
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("gone"), day),
        table("bolt", server.url("good"), day, models=model("other")),
    )
    directory = workspace.engine.directory
    acme, bolt = (workspace.engine.catalog.providers[name] for name in ("acme", "bolt"))
    assert acme.models[0].id in {choice.model.id for choice in directory.choices(KEYS)}
    assert answer(workspace, "r1", "acme/small").model_id == "bolt/other"
    until(lambda: directory.life(bolt, KEYS).state(bolt.models[0]).state == "live")
    seen = directory.life(acme, KEYS).state(acme.models[0])
    assert (seen.state, seen.evidence, seen.why) == ("gone", "refusal", "not_found")
    assert acme.models[0].id not in {choice.model.id for choice in directory.choices(KEYS)}
    elsewhere = ModelStates(workspace.database)
    assert elsewhere.of("acme", key_hash("acme", KEYS["acme"]))["small"].state == "gone"
    assert elsewhere.of("acme", key_hash("acme", "another-key")) == {}


def test_what_was_seen_while_the_database_was_away_is_written_once_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(None, tmp_path)
    looks = [0.0]
    states, standings = ModelStates(database, clock=lambda: looks[0]), Standings(database, clock=lambda: looks[0])
    ask_key = key_hash("groq", KEY)
    with monkeypatch.context() as away:

        def refused(**_: object) -> NoReturn:
            raise Unavailable(Health("down"))

        away.setattr(database, "write", refused)
        states.note("groq", ask_key, BIG, seen := gone(1))
        standings.note("groq", ask_key, None)
    assert ModelStates(database).of("groq", ask_key) == {}
    looks[0] = 10.0
    states.of("groq", "")
    standings.get("groq", "")
    assert ModelStates(database).of("groq", ask_key) == {BIG: seen}
    last_call = Standings(database).get("groq", ask_key)
    assert last_call
    assert last_call.good
    database.close()


def test_what_a_provider_told_before_the_database_was_open_is_kept(tmp_path: Path) -> None:
    engine = build(load_settings(environ={}, folder=tmp_path), folder=tmp_path)
    engine.directory.last_calls.note("groq", key_hash("groq", KEY), Auth("wrong key", origin="provider"))
    workspace = opened(Workspace(engine, open_database(None, tmp_path / "data")))
    engine.directory.last_calls.get("groq", key_hash("groq", KEY))
    last_call = Standings(workspace.database).get("groq", key_hash("groq", KEY))
    assert last_call
    assert last_call.why == "auth"


BOTH = f"{model('small')}, {model('other')}"


def test_headers_of_an_answer_end_its_own_model_and_no_other(tmp_path: Path, server: FaultyServer) -> None:
    urls = {"acme": server.url("sunset"), "bolt": server.url("good")}
    day = per("requests", "day", 1000)
    workspace = workspace_of(tmp_path, *(table(name, url, day, models=BOTH) for name, url in urls.items()))
    directory = workspace.engine.directory
    acme, bolt = (workspace.engine.catalog.providers[name] for name in urls)
    assert answer(workspace, "r1", "acme/small").error is None
    assert answer(workspace, "r2", "bolt/small").error is None
    until(lambda: directory.life(acme, KEYS).end_notice(acme.models[0]) is not None)
    until(lambda: directory.life(bolt, KEYS).state(bolt.models[0]).state == "live")
    ending = directory.life(acme, KEYS).row(acme.models[0])
    assert (ending.ends_on, ending.successor) == (SUNSET_ON, "other")
    states = ModelStates(workspace.database).of("acme", key_hash("acme", KEYS["acme"]))
    notice = states["small"].end
    assert notice is not None
    assert (notice.deprecated, notice.about_url) == (True, "https://acme.example/ends")
    others = [(acme, acme.models[1]), *((bolt, listed) for listed in bolt.models)]
    assert [directory.life(provider, KEYS).row(listed).ends_on for provider, listed in others] == [None] * 3
    assert directory.life(acme).row(acme.models[0]).ends_on is None  # with another key nothing was seen
    late = replace(directory.life(acme, KEYS), now=datetime.combine(SUNSET_ON, time(), UTC))
    assert [late.is_offered(listed) for listed in acme.models] == [False, True]


def test_the_headers_of_a_simulator_end_nothing(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("sunset-simulated")))
    acme = workspace.engine.catalog.providers["acme"]
    answer(workspace, "r1", "acme/small")
    until(lambda: workspace.engine.directory.life(acme, KEYS).state(acme.models[0]).state == "live")
    assert workspace.engine.directory.life(acme, KEYS).end_notice(acme.models[0]) is None


def heard(days_ago: float, ends_on: date = date(2026, 12, 9)) -> ModelState:
    at = NOW - timedelta(days=days_ago)
    return ModelState("live", at, "call", end=EndNotice(at, ends_on))


ENDS = replace(row(BIG), ends_on=date(2027, 3, 3))


@pytest.mark.parametrize(
    ("model_row", "days_ago", "listed_days_ago", "ends_on"),
    [
        (row(BIG), 0, None, date(2026, 12, 9)),  # nobody else tells an end
        (row(BIG), 80, None, date(2026, 12, 9)),
        (ENDS, 1, None, date(2026, 12, 9)),
        (ENDS, 60, None, date(2027, 3, 3)),  # old headers count less than the catalogue
        (row(BIG), 0, 0, date(2026, 12, 9)),  # seen now counts more than listed now
        (row(BIG), 5, 0, date(2026, 12, 1)),  # a fresh list counts more than old headers
        (ENDS, 5, 0, date(2026, 12, 1)),
        (row(BIG), 5, 9, date(2026, 12, 9)),
    ],
)
def test_of_headers_lists_and_the_catalogue_the_most_believed_end_counts(
    model_row: Model, days_ago: float, listed_days_ago: float | None, ends_on: date
) -> None:
    details = [] if listed_days_ago is None else [ListedModel(BIG, ends_on=date(2026, 12, 1))]
    listed_at = NOW - timedelta(days=listed_days_ago or 0)
    assert life([BIG], {BIG: heard(days_ago)}, details, listed_at=listed_at).row(model_row).ends_on == ends_on


def test_an_end_stays_until_a_day_of_answers_has_not_told_it_again() -> None:
    before = heard(0)
    answered = ModelState("live", NOW + timedelta(hours=3), "call")
    assert with_end(answered, before, None).end == before.end
    limited = ModelState("limited", NOW + timedelta(days=3), "refusal", "rate_limited")
    assert with_end(limited, before, None).end == before.end
    assert with_end(replace(answered, at=NOW + timedelta(days=2)), before, None).end is None
    later = EndNotice(NOW + timedelta(days=2), date(2027, 1, 1))
    assert with_end(answered, before, later).end == later


def test_memory_keeps_states_by_key() -> None:
    states = MemoryModelStates()
    states.note("groq", "one", BIG, gone(0))
    assert states.of("groq", "one")[BIG].state == "gone"
    assert states.of("groq", "two") == {}


def test_since_when_a_model_is_missing_is_kept_until_it_is_back(tmp_path: Path) -> None:
    at = NOW
    path = tmp_path / "models.json"
    listings = Listings(path, lambda: at)
    for days, names in enumerate([[BIG, SMALL, QWEN], [BIG, SMALL, QWEN, "extra"], [BIG, QWEN], [BIG, QWEN]]):
        at = NOW + timedelta(days=days)
        listings.keep("groq", KEY, names, lasting=True)
    for lists in (listings, Listings(path, lambda: at)):
        states = ModelLife(lists, lambda: at).of(GROQ, KEY)
        assert states.gone_at(row(SMALL)) == NOW + timedelta(days=2)
        assert states.gone_at(row(BIG)) is None
    listings.keep("groq", KEY, [BIG, SMALL, QWEN], lasting=True)
    assert ModelLife(listings, lambda: at).of(GROQ, KEY).gone_at(row(SMALL)) is None


def test_a_model_that_no_list_ever_had_is_missing_since_the_first() -> None:
    at = NOW - timedelta(days=9)
    listings = Listings(now=lambda: at)
    listings.keep("groq", KEY, [BIG, SMALL], lasting=False)
    at = NOW
    listings.keep("groq", KEY, [BIG, SMALL, "extra"], lasting=False)
    assert ModelLife(listings, lambda: at).of(GROQ, KEY).gone_at(row(QWEN)) == NOW - timedelta(days=9)


def test_a_model_is_gone_since_its_end_or_its_refusal() -> None:
    ending = ListedModel(BIG, ends_on=date(2026, 11, 28))
    assert life([BIG, SMALL], details=[ending]).gone_at(row(BIG)) == datetime(2026, 11, 28, tzinfo=UTC)
    assert life(called={BIG: gone(1)}).gone_at(row(BIG)) == NOW - timedelta(days=1)
    assert life(called={BIG: gone(8)}).gone_at(row(BIG)) is None


def call_seen(state: str, hours: float) -> ModelState:
    return ModelState(state, NOW - timedelta(hours=hours), "call")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("called", "standing", "expected"),
    [
        ({}, Standing("untested"), ("unknown", None)),
        ({}, Standing("works", NOW), ("live", 0)),
        ({}, Standing("limited", NOW), ("limited", 0)),
        ({BIG: call_seen("live", 2)}, Standing("works", NOW), ("live", 2)),  # a test of the key calls no model
        ({BIG: call_seen("degraded", 2)}, Standing("works", NOW), ("degraded", 2)),
        ({BIG: call_seen("live", 2)}, Standing("unreachable", NOW), ("degraded", 0)),
        ({BIG: call_seen("live", 1)}, Standing("limited", NOW - timedelta(hours=2)), ("live", 1)),
        ({BIG: call_seen("live", 3), SMALL: call_seen("limited", 1)}, Standing("works", NOW), ("limited", 1)),
        ({BIG: call_seen("live", 3), SMALL: call_seen("gone", 1)}, Standing("works", NOW), ("live", 3)),
        ({SMALL: call_seen("gone", 1)}, Standing("works", NOW), ("live", 0)),
    ],
)
def test_a_provider_stands_as_its_last_call_tells(
    called: dict[str, ModelState], standing: Standing, expected: tuple[str, float | None]
) -> None:
    state = life(called=called).overall(standing)
    hours = None if state.at is None else (NOW - state.at) / timedelta(hours=1)
    assert (state.state, hours) == expected


def test_a_model_in_whose_place_another_answers_is_degraded_and_its_provider_live(tmp_path: Path) -> None:
    assert after_call(None, used_up(), is_another=True, now=lambda: NOW) == ModelState(
        "degraded", NOW, "call", "another_model"
    )
    states = {BIG: ModelState("degraded", NOW, "call", "another_model")}
    life = ProviderLife(GROQ, NOW, None, states)
    assert life.state(row(BIG)).state == "degraded"
    assert life.overall(Standing("works", NOW)).state == "live"
    assert life.is_offered(row(BIG))


def test_a_quantised_build_counts_for_its_model_with_a_note(
    tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SCRIPTS, "fp8", [HEAD_SSE, delta("Hi", "stop", model="Qwen/Qwen3-8B-FP8"), DONE])
    provider = table("acme", server.url("fp8"), models=model("qwen3-8b"))
    completion = answer(workspace_of(tmp_path, provider), "r1", "acme/qwen3-8b")
    assert (completion.answered_by, completion.error) == ("acme/qwen3-8b", None)
    assert [(note.kind, note.detail) for note in completion.notes] == [("served_as", "Qwen/Qwen3-8B-FP8")]


def test_a_listed_name_too_long_to_be_one_is_left_out() -> None:
    listings = Listings(None, lambda: NOW)
    listings.keep("groq", KEY, ["x" * 201, BIG], lasting=False)
    assert listings.names("groq", KEY) == (BIG,)


def test_a_successor_that_ended_or_is_gone_leads_to_its_own() -> None:
    day = date(2026, 1, 1)

    def life(*rows: tuple[str, str, bool], gone: str = "") -> ProviderLife:
        models = tuple(
            Model(f"groq/{name}", name, "groq", successor=after, ends_on=day if ended else None)
            for name, after, ended in rows
        )
        states = {gone: ModelState("gone", NOW, "refusal", "not_found")}
        return ProviderLife(replace(GROQ, models=models), NOW, None, states)

    def after(life: ProviderLife) -> str:
        other = life.successor(life.provider.models[0])
        return other.name if other else ""

    chain = (("a", "b", True), ("b", "c", True), ("c", "", False))
    assert after(life(*chain)) == "c"
    assert after(life(*chain, gone="c")) == ""
    assert after(life(("a", "b", True), ("b", "c", False), ("c", "", False))) == "b"
    assert after(life(("a", "b", True), ("b", "c", False), ("c", "", False), gone="b")) == "c"
    assert after(life(("a", "a", True))) == ""
    assert after(life(("a", "b", True), ("b", "a", True))) == ""
    assert after(life(("a", "nowhere", True))) == ""
