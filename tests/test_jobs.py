"""An answer in progress: started once, seen by all, stopped at once with its part kept, ended whatever happens."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import ChatRequest, Message, build
from core.engine import Engine
from core.job import Job
from core.jobs import Jobs
from core.options import load
from core.views.progress import Progress


def engine(folder: Path, **options: str) -> Engine:
    return build(load(environ={"ROUNDTABLE_SIMULATOR_SPEED": "20", **options}, folder=folder), folder=folder)


OPENED: list[Jobs] = []


def jobs_of(folder: Path, **options: str) -> Jobs:
    """They are closed when the test ends."""
    OPENED.append(Jobs(engine(folder, **options)))
    return OPENED[-1]


@pytest.fixture(autouse=True)
def closed_jobs() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return jobs_of(tmp_path)


def ask(model: str = "sim/steady", request_id: str | None = None, text: str = "Explain tides") -> ChatRequest:
    return ChatRequest([Message("user", text)], model_id=model, request_id=request_id)


def until(job: Job, true: Callable[[Progress], bool]) -> Progress:
    for _ in range(2000):
        progress = job.progress()
        if true(progress):
            return progress
        job.wait(0.005)
    raise AssertionError(f"it never came: {job.progress()}")


def ended(job: Job) -> Progress:
    return until(job, lambda progress: progress.completion is not None)


def test_the_end_is_the_whole_answer(jobs: Jobs) -> None:
    progress = ended(jobs.start(ask()))
    assert progress.phase == "done"
    assert progress.completion
    assert progress.completion.text == progress.text
    assert progress.completion.finish
    assert progress.completion.finish.reason == "stop"
    assert progress.usage
    assert not progress.usage.estimated


def test_the_text_only_grows(jobs: Jobs) -> None:
    job, seen = jobs.start(ask()), [""]
    while not job.done:
        seen.append(job.progress().text)
        time.sleep(0.002)
    seen.append(job.progress().text)
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))
    assert len(set(seen)) > 3


def test_a_request_starts_one_answer(jobs: Jobs) -> None:
    started: list[Job] = []
    threads = [threading.Thread(target=lambda: started.append(jobs.start(ask(request_id="same")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(job) for job in started}) == 1
    assert jobs.get("same") is started[0]
    assert jobs.get("other") is None


def test_a_look_takes_no_lock(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    job = jobs.start(ask(request_id="seen"))
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_lock", None)  # whoever took it now would fail
        seen = jobs.get("seen")
        assert seen is job
        seen.progress()
    ended(job)


def test_all_who_listen_hear_the_last_word_and_the_end(jobs: Jobs) -> None:
    job, listening, gone = jobs.start(ask()), [threading.Event() for _ in range(3)], threading.Event()
    for news in (*listening, gone):
        job.listen(news)
    job.unlisten(gone)
    gone.clear()
    while not job.done:
        for news in listening:
            assert news.wait(30)
            news.clear()
    assert not gone.is_set()


def test_thinking_comes_before_answering(jobs: Jobs) -> None:
    job = jobs.start(ask("sim/thinker"))
    thinking = until(job, lambda progress: progress.phase == "thinking")
    assert thinking.reasoning
    assert not thinking.text
    end = ended(job)
    assert end.ttft_ms is not None
    assert end.first_answer_ms is not None
    assert end.ttft_ms < end.first_answer_ms


def test_stop_keeps_the_part(tmp_path: Path) -> None:
    job = jobs_of(tmp_path, ROUNDTABLE_SIMULATOR_SPEED="1").start(ask("sim/slow", text="A long story, 2000 words"))
    part = until(job, lambda progress: len(progress.text) > 10).text
    job.cancel()
    completion = job.progress().completion
    assert completion
    assert completion.text.startswith(part)
    assert completion.finish
    assert completion.finish.reason == "stopped"
    assert completion.error is None
    time.sleep(0.3)
    assert job.progress().completion is completion


def test_stop_before_the_first_token_and_before_the_start(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, ROUNDTABLE_SIMULATOR_SPEED="0.01")
    for pause_s in (0.0, 0.2):
        job = jobs.start(ask("sim/slow"))
        time.sleep(pause_s)
        job.cancel()
        completion = job.progress().completion
        assert completion
        assert completion.finish
        assert (completion.finish.reason, completion.text, completion.error) == ("stopped", "", None)


def test_stop_after_the_end_changes_nothing(jobs: Jobs) -> None:
    job = jobs.start(ask())
    completion = ended(job).completion
    job.cancel()
    assert job.progress().completion is completion


def test_what_cannot_be_sent_ends_at_once(jobs: Jobs) -> None:
    kinds = {
        "nobody/nothing": "not_found",
        "github-models/gpt-4o": "not_found",
        "groq/openai/gpt-oss-20b": "missing_key",
        "cloudflare/@cf/openai/gpt-oss-120b": "missing_key",
    }
    for model, kind in kinds.items():
        completion = ended(jobs.start(ask(model))).completion
        assert completion
        assert completion.error
        assert completion.error.kind == kind
        assert completion.model_id == model
    blank = ended(jobs.start(ask(text=" \u200b "))).completion
    assert blank
    assert blank.error
    assert blank.error.kind == "blocked_input"


def test_a_fault_of_our_own_ends_too(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs._engine.preparation, "prepare", lambda *_: 1 / 0)
    completion = ended(jobs.start(ask())).completion
    assert completion
    assert completion.error
    assert completion.error.kind == "server"
    assert "ZeroDivisionError" in completion.error.message


def test_waiting_hears_the_end_at_once(jobs: Jobs) -> None:
    job = jobs.start(ask())
    began = time.monotonic()
    while not job.done:
        job.wait(30)
    assert time.monotonic() - began < 20


def test_an_estimate_grows_while_usage_is_unknown(tmp_path: Path) -> None:
    job = jobs_of(tmp_path, ROUNDTABLE_SIMULATOR_SPEED="2").start(ask())
    half = until(job, lambda progress: len(progress.text) > 60)
    assert half.usage
    assert half.usage.estimated
    assert half.usage.output_tokens
    more = until(job, lambda progress: len(progress.text) > 2 * len(half.text))
    assert more.usage
    assert (more.usage.output_tokens or 0) > half.usage.output_tokens
    job.cancel()


def test_pasted_keys_are_forgotten_with_the_end(jobs: Jobs) -> None:
    job = jobs.start(ask(), {"groq": "gsk_0123456789abcdef0123"})
    ended(job)
    time.sleep(0.05)
    assert "gsk_0123456789abcdef0123" not in repr(vars(job))


def test_what_has_ended_is_forgotten_of_whoever_has_the_most(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.KEPT_OF_OWNER", 3)
    other = jobs.start(ask(), owner_id="other")
    ended(other)
    for _ in range(6):
        ended(jobs.start(ask(), owner_id="flooder"))
    owners = [job.owner_id for job in jobs._jobs.values()]
    assert owners.count("flooder") <= 4
    assert jobs.get(other.id, "other") is other


def test_long_questions_that_have_ended_are_not_kept_in_memory(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.KEPT_CHARS", 20_000)
    for _ in range(6):
        ended(jobs.start(ask(text="x" * 8000)))
    assert sum(job.chars for job in jobs._jobs.values()) < 40_000
