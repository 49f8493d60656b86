"""The log of a script: what is in it, that it is the app's own schema, and that no key gets in."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from core import Delta, InputFilter, open_log
from core.call_log import OWNER_ID
from core.engine import Engine
from core.errors import Setup
from core.store import calls, conversations, tree
from core.store.opening import open_database
from tests.library.conftest import Provider, ask

Make = Callable[..., Engine]
KEY = "gsk_0123456789abcdefghij0123456789"
OPENAI = "sk-proj-0123456789abcdefghijklmnopqrstuvwxyz0123"


class Logged:
    """What a reader of the app's database finds in the file: `calls`, the newest first, and `talks`, each a list of
    (question, state, answer)."""

    def __init__(self, path: Path, owner_id: str = OWNER_ID) -> None:
        with closing(open_database(f"sqlite:///{path}", path.parent)) as database:
            entries = conversations.recent(database, owner_id).entries
            branches = [tree.path(database, owner_id, entry.id).turns for entry in entries]
            self.calls = calls.recent(database, owner_id)
        self.systems = [entry.system for entry in entries]
        self.talks = [
            [(question.text, answer.state, answer.text) for question, answer in pairwise(branch)][::2]
            for branch in branches
        ]


def bytes_of(path: Path) -> bytes:
    """The file, and what SQLite keeps beside it."""
    return b"".join(each.read_bytes() for each in path.parent.rglob("*") if each.is_file())


def test_a_call_is_written_with_its_parameters_times_answer_and_outcome(
    engine: Make, tmp_path: Path, provider: Provider
) -> None:
    made = engine(log=tmp_path / "calls.db", environ=provider.environ)
    settings = {"temperature": 0.2, "seed": 7, "max_output_tokens": 500}
    completion = made.complete(ask("Why is the sky blue?", "groq/quick", **settings))
    log = Logged(tmp_path / "calls.db")
    (call,) = log.calls
    assert (call.provider_id, call.model_id, call.n, call.outcome) == ("groq", "groq/quick", 1, "ok")
    assert call.ms == completion.attempts[0].ms
    assert completion.usage
    assert (call.input_tokens, call.output_tokens) == (completion.usage.input_tokens, completion.usage.output_tokens)
    assert call.at == completion.timing.started_at
    assert log.talks == [[("Why is the sky blue?", "done", completion.text)]]
    with closing(sqlite3.connect(tmp_path / "calls.db")) as connection:
        (written,) = connection.execute("SELECT settings FROM calls").fetchone()
    assert json.loads(written) == settings
    frame = open_log(tmp_path / "calls.db").calls()
    assert frame[["model_id", "n", "outcome", "seed"]].values.tolist() == [["groq/quick", 1, "ok", 7]]


def test_every_way_to_ask_is_logged(engine: Make, tmp_path: Path) -> None:
    made = engine(log=tmp_path / "calls.db")

    async def run() -> None:
        await asyncio.gather(*(made.answer(ask(f"Number {number}")) for number in range(3)))
        async for _ in made.stream(ask("Streamed")):
            pass
        async for _ in made.compare([ask("Compared"), ask("Compared", model="sim/steady")]):
            pass

    asyncio.run(run())
    list(made.stream_sync(ask("Blocking")))
    made.complete(ask("Whole"), owner_id="anna")
    assert len(Logged(tmp_path / "calls.db").calls) == 7
    assert Logged(tmp_path / "calls.db", "anna").talks[0][0][0] == "Whole"


def test_failures_and_retries_are_logged(engine: Make, tmp_path: Path) -> None:
    made = engine(log=tmp_path / "calls.db", options={"attempts": 4, "first_backoff_s": 0})
    failed = made.complete(ask(model="sim/quick:503"))
    refused = made.complete(ask("", model="sim/quick"))
    log = Logged(tmp_path / "calls.db")
    assert failed.error is None or [call.outcome for call in log.calls][::-1] == [
        each.outcome for each in failed.attempts
    ]
    assert len(log.calls) == len(failed.attempts)
    assert refused.error
    assert log.talks[0][0][1] == "failed"  # never sent: no call, but the question and why it was not


def test_what_is_cached_or_left_in_the_middle_says_so(engine: Make, tmp_path: Path) -> None:
    made = engine(log=tmp_path / "calls.db", environ={"ROUNDTABLE_SIMULATOR_SPEED": "30"})
    for _ in range(2):
        made.complete(ask("Twice", reuse=True))
    for event in made.stream_sync(ask("Left", model="sim/steady")):
        if isinstance(event, Delta):
            break
    log = Logged(tmp_path / "calls.db")
    assert sorted(call.cached for call in log.calls) == [False, True]
    (left,) = [talk for talk in log.talks if talk[0][0] == "Left"]
    assert left[0][1] == "stopped"
    assert left[0][2]


def test_the_turns_of_a_chat_are_one_conversation(engine: Make, tmp_path: Path) -> None:
    made = engine(log=tmp_path / "calls.db")
    chat, other = made.chat("sim/quick", "Be brief."), made.chat("sim/quick")
    for question in ("One", "Two"):
        chat.ask(question)
    other.ask("Elsewhere")
    chat.ask("Three")
    log = Logged(tmp_path / "calls.db")
    assert sorted([question for question, _, _ in talk] for talk in log.talks) == [
        ["Elsewhere"],
        ["One", "Two", "Three"],
    ]
    assert set(log.systems) == {None, "Be brief."}


def test_no_key_and_no_masked_word_is_written(engine: Make, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    sources = [{"GROQ_API_KEY": KEY}]
    made = engine(log=folder / "calls.db", screen=InputFilter("mask", "mask_all"), key_sources=sources)
    made.complete(ask(f"Repeat {KEY} and {OPENAI} to jane.doe@example.org"))
    made.complete(ask(f"Repeat {OPENAI}", secrets="allow"))
    made.complete(ask(f"Repeat {OPENAI}", secrets="stop"))
    made.chat("sim/quick", f"Your key is {OPENAI}").ask("Which?")
    made.close()
    everything = bytes_of(folder / "calls.db")
    assert b"Repeat" in everything
    assert not [secret for secret in (KEY, OPENAI, "jane.doe") if secret.encode() in everything]


def test_a_log_that_cannot_be_written_is_said_at_once(engine: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Setup, match="cannot be written"):
        engine(log=tmp_path / "file" / "calls.db")


def test_a_log_that_fails_later_costs_no_answer(engine: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = engine(log=tmp_path / "calls.db")
    made.complete(ask())
    for path in tmp_path.glob("calls.db*"):
        path.unlink()
    with caplog.at_level(logging.WARNING, "roundtable.log"):
        assert made.complete(ask("Again")).text
