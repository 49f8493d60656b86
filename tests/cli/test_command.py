"""The command `roundtable`, as a person at a shell meets it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from PIL import Image

from core.cli import shapes

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "core.cli"]
KEY = "gsk_a_key_that_nobody_may_see_0123456789"
SHAPED = "gsk_" + "a1B2c3D4" * 6
QUICK = {"ROUNDTABLE_SIMULATOR_SPEED": "1000", "ROUNDTABLE_LOCAL_SERVERS": "false"}


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """A shell lets what it runs in the background ignore Ctrl-C, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def start(*words: str, folder: Path, **environ: str) -> subprocess.Popen[bytes]:
    outside = {"PYTHONPATH": f"{ROOT / 'tests/guard'}:{ROOT}", "OUTSIDE_REPORT": str(folder / "outside")}
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env={**os.environ, **outside, **QUICK, **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def start_without_input(*words: str, folder: Path, **environ: str) -> subprocess.Popen[bytes]:
    """The same with nothing on standard input."""
    process = start(*words, folder=folder, **environ)
    assert process.stdin
    process.stdin.close()
    process.stdin = None
    return process


class Done:
    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes = b"") -> None:
        out, err = process.communicate(stdin)
        self.code, self.out, self.err = process.returncode, out.decode(), err.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert not (tmp_path / "outside").exists(), (tmp_path / "outside").read_text()


def run(*words: str, folder: Path, stdin: bytes = b"", **environ: str) -> Done:
    return Done(start(*words, folder=folder, **environ), stdin)


def test_an_answer_goes_to_stdout_and_figures_to_stderr(folder: Path) -> None:
    done = run("ask", "Why is the sky blue?", "-m", "sim/quick", "-v", folder=folder)
    assert (done.code, done.out[:21]) == (0, "*A simulated answer: ")
    assert done.err.startswith("sim/quick · first token ")
    assert run("ask", "Why", "is", "it?", "-m", "sim/quick", folder=folder).err == ""


def test_a_question_may_have_files_an_effort_and_a_form(folder: Path) -> None:
    Image.new("RGB", (64, 32), "tomato").save(folder / "red.png")
    (folder / "notes.txt").write_text("zeppelin " * 20, "utf-8")
    (folder / "schema.json").write_text('{"type": "object", "properties": {"n": {"type": "integer"}}}', "utf-8")
    question = ("ask", "-m", "sim/quick", "--json")
    seen = run(*question, "What is on it?", "-f", "red.png", "-f", "notes.txt", "--effort", "high", folder=folder)
    answer = json.loads(seen.out)
    assert "64 × 32" in answer["text"]
    assert "notes.txt" in answer["text"]
    assert answer["usage"]["reasoning_tokens"] > 0
    assert isinstance(
        json.loads(json.loads(run(*question, "A number", "--schema", "schema.json", folder=folder).out)["text"])["n"],
        int,
    )
    for words, sentence in (
        (("-f", "gone.pdf"), "gone.pdf: No such file or directory."),
        (("--schema", "notes.txt"), "notes.txt is no JSON schema"),
        (("--pages", "3"), "--pages needs exactly one --file."),
        (("-f", "notes.txt", "--pages", "9"), "The document ends at 1"),
    ):
        refused = run(*question, "Hello", *words, folder=folder)
        assert (refused.code != 0, refused.out) == (True, "")
        assert sentence in refused.err


def test_a_secret_is_not_sent_unless_it_is_masked(folder: Path) -> None:
    stopped = run("ask", "-m", "sim/quick", f"why is {SHAPED} refused?", folder=folder)
    assert stopped.code == 1
    assert "--mask" in stopped.err
    assert SHAPED not in stopped.out + stopped.err
    masked = run("ask", "-m", "sim/quick", "--mask", f"why is {SHAPED} refused? ask jane@example.org", folder=folder)
    assert (masked.code, masked.err) == (0, "Sent with placeholders for: key 1, mail 1.\n")


def test_the_question_comes_from_a_pipe_alone_or_after_the_words(folder: Path) -> None:
    alone, after = (
        json.loads(run("ask", *words, "-m", "sim/quick", "--json", folder=folder, stdin="苹果和梨".encode()).out)
        for words in ([], ["Explain this word by word, please, and slowly:"])
    )
    assert "苹果和梨" in alone["text"] or "模拟" in alone["text"]
    assert after["usage"]["input_tokens"] > alone["usage"]["input_tokens"]


def test_other_encodings_of_a_pipe_and_of_the_locale_are_read(folder: Path) -> None:
    old = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words, stdin in ([], "天空为什么是蓝色的？请解释一下。".encode("gb18030")), (["天空为什么是蓝色的？"], b""):
        done = run("ask", *words, "-m", "sim/quick", folder=folder, stdin=stdin, **old)
        assert "模拟回答" in done.out, done.err


def test_nothing_asked_is_one_sentence(folder: Path) -> None:
    done = run("ask", "-m", "sim/quick", folder=folder)
    assert (done.code, done.out) == (2, "")
    assert done.err == 'Nothing is asked: write roundtable ask "your question", or pipe one in.\n'


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ask", "Hi"], "No provider has a key: set one, such as GROQ_API_KEY"),
        (["ask", "Hi", "-m", "nobody/x"], "Unknown provider"),
        (["ask", "Hi", "-m", "groq/x"], "GROQ_API_KEY"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(folder: Path, words: list[str], sentence: str) -> None:
    done = run(*words, folder=folder)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert sentence in done.err


def test_a_wrong_option_of_the_environment_is_told(folder: Path) -> None:
    done = run("ask", "Hi", "-m", "sim/quick", folder=folder, ROUNDTABLE_ATTEMPTS="many")
    assert (done.code, done.out) == (1, "")
    assert "ROUNDTABLE_ATTEMPTS" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("words", [["ask", "Hi", "--no-such"], ["models", "a", "b"], [], ["dance"]])
def test_a_wrong_command_is_told_with_code_2(folder: Path, words: list[str]) -> None:
    done = run(*words, folder=folder)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_several_models_stand_side_by_side(folder: Path) -> None:
    done = run("ask", "Hello", "-m", "sim/quick", "-m", "sim/steady", folder=folder, COLUMNS="100")
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0].split() == ["sim/quick", "│", "sim/steady"]
    assert {line.index("│") for line in lines} == {lines[0].index("│")}
    below = run("ask", "Hello", "-m", "sim/quick", "-m", "sim/steady", folder=folder, COLUMNS="40").out.splitlines()
    assert not [line for line in below if "│" in line]
    assert below.index("sim/quick") < below.index("sim/steady")


def test_one_that_fails_moves_no_other_and_is_told_by_the_code(folder: Path) -> None:
    words = ["ask", "Hello", "-m", "sim/quick", "-m", "sim/flaky:503", "-m", "nobody/x", "--json"]
    done = run(*words, folder=folder, ROUNDTABLE_ATTEMPTS="1")
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 1
    assert [answer["model"] for answer in answers] == ["sim/quick", "sim/flaky:503", "nobody/x"]
    assert [answer["error"] and answer["error"]["kind"] for answer in answers] == [None, "overloaded", "not_found"]
    assert answers[0]["text"]
    assert answers[0]["timing"]["ttft_ms"] > 0


@pytest.fixture
def silent() -> Iterator[tuple[str, Event]]:
    """A provider that begins an answer and never ends it: its address, and what tells that two words were sent."""
    sent, ended = Event(), Event()
    word = b'data: {"choices": [{"index": 0, "delta": {"content": "Once "}}]}\n\n'

    class Silent(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(word * 2)
            self.wfile.flush()
            sent.set()
            ended.wait()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1", sent
        ended.set()
        server.shutdown()


def test_ctrl_c_ends_an_answer_cleanly(folder: Path, silent: tuple[str, Event]) -> None:
    process = start_without_input("ask", "Hi", "-m", "groq/x", folder=folder, GROQ_BASE_URL=silent[0], GROQ_API_KEY=KEY)
    assert process.stdout
    begun = process.stdout.read(len("Once Once"))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, err.decode().strip()) == (130, "")
    assert (begun + out).decode().strip() == "Once Once"
    assert out.endswith(b"\n")


def test_ctrl_c_shows_what_there_is_of_a_comparison(folder: Path, silent: tuple[str, Event]) -> None:
    words = ["ask", "Hi", "-m", "groq/x", "-m", "nobody/y"]
    process = start_without_input(*words, folder=folder, GROQ_BASE_URL=silent[0], GROQ_API_KEY=KEY, COLUMNS="100")
    assert silent[1].wait(100)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, err.decode().strip()) == (130, "")
    assert "groq/x" in out.decode()
    assert "stopped" in out.decode()
    assert "failed" in out.decode()


def test_who_stops_reading_ends_it_quietly(folder: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m core.cli ask 'Tell me a long story' -m sim/quick | head -c 10"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, env={**os.environ, **QUICK}, capture_output=True, text=True)
    assert (len(done.stdout), done.stderr) == (10, "")


@pytest.fixture
def telltale() -> Iterator[str]:
    """A provider that writes the key it was sent into its refusal; its address."""

    class Telltale(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"error": {"message": f"Wrong key: {self.headers['Authorization']}"}}).encode()
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Telltale) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "Hi", "-m", "groq/x", "-v"],
        ["ask", "Hi", "-m", "groq/x", "--json"],
        ["ask", "Hi", "-m", "groq/x", "-m", "groq/y"],
        ["models"],
        ["models", "groq", "--json"],
    ],
)
def test_no_key_is_printed(folder: Path, telltale: str, words: list[str]) -> None:
    (folder / ".env").write_text(f"GROQ_API_KEY={KEY}\n")
    done = run(*words, folder=folder, GROQ_BASE_URL=telltale)
    assert KEY not in done.out + done.err
    assert "Wrong key" in done.out + done.err if words[0] == "ask" else "GROQ_API_KEY" in done.out


def test_models_tells_what_has_a_key_and_what_has_not(folder: Path) -> None:
    done = run("models", folder=folder, GROQ_API_KEY=KEY)
    ready, _, lacking = done.out.partition("Not ready:")
    assert "Groq: key in GROQ_API_KEY (environment)" in ready
    assert "  groq/" in ready
    assert "  sim/quick" in ready
    assert "MISTRAL_API_KEY" in lacking
    assert "groq" not in lacking
    (groq,) = map(json.loads, run("models", "groq/", "--json", folder=folder).out.splitlines())
    assert (groq["provider"], groq["ready"], groq["key_names"]) == ("groq", False, ["GROQ_API_KEY"])


def test_control_codes_of_a_model_do_not_reach_the_terminal() -> None:
    column = shapes.AnswerColumn("m", "a\x1b[2Jb\x07\u202ec", None)
    assert shapes.side_by_side([column], 20).splitlines()[2] == "abc"


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("one two three", ["one two", " three"]),
        ("天空为什么", ["天空为什", "么"]),
        ("abcdefghijkl", ["abcdefgh", "ijkl"]),
        ("", [""]),
        ("  ab", ["  ab"]),
    ],
)
def test_lines_are_cut_by_the_cells_they_take(line: str, pieces: list[str]) -> None:
    lines = shapes.wrapped(line, 8)
    assert [piece.strip() for piece in lines] == [piece.strip() for piece in pieces]
    assert all(shapes.cells(piece) <= 8 for piece in lines)


def test_it_says_who_answered(folder: Path) -> None:
    done = run("ask", "Why is the sky blue?", "-m", "sim/steady:as=quick", "-v", folder=folder)
    assert "Another model than sim/steady:as=quick answered: sim/quick." in done.err
    assert "sim/steady:as=quick · answered by sim/quick · first token " in done.err
    reply = json.loads(run("ask", "Why?", "-m", "sim/router", "--json", folder=folder).out)
    assert reply["model"] == "sim/router"
    assert reply["answered_by"] in ("sim/quick", "sim/steady", "sim/slow")
    assert reply["served_by"] in ("North", "South")


def test_an_answer_in_a_form_is_checked(folder: Path) -> None:
    schema = {"type": "object", "properties": {"vendor": {"type": "string"}}, "required": ["vendor"]}
    (folder / "invoice.json").write_text(json.dumps(schema))
    words = ["ask", "Invoice of Acme", "--schema", "invoice.json", "--json", "-m"]
    done = run(*words, "sim/quick", folder=folder)
    assert (done.code, json.loads(done.out)["form_problems"]) == (0, [])
    done = run(*words, "sim/oneword", folder=folder)
    assert (done.code, json.loads(done.out)["form_problems"]) == (1, ["it is not JSON: Expecting value in line 1"])
    assert "sim/oneword breaks its form: it is not JSON" in done.err
