"""What starts the app needs nothing that only POSIX has. It is tried without these here, not on Windows itself."""

from __future__ import annotations

import argparse
import os
import runpy
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli import app

ROOT = Path(__file__).resolve().parents[1]
WITHOUT_POSIX = """
import os, signal, socket, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog", "uvloop"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
import subprocess, tempfile, shutil, asyncio, multiprocessing.util, pathlib, getpass
sys.meta_path.insert(0, Missing())
for name in ("fcntl", "grp", "pwd", "resource", "termios", "syslog", "uvloop"):
    sys.modules.pop(name, None)
for owner, names in {os: "fork forkpty getuid geteuid getgid killpg setsid uname getloadavg sched_getaffinity fchmod",
                     signal: "SIGHUP SIGKILL SIGUSR1 SIGUSR2 SIGALRM SIGCHLD pthread_sigmask setitimer",
                     socket: "SO_REUSEPORT"}.items():
    for name in names.split():
        if hasattr(owner, name):
            delattr(owner, name)
"""
PAGE = """
from streamlit.testing.v1 import AppTest
from core.ui import app_state, middleware
middleware._raise_open_files()
middleware.warm_up()
at = AppTest.from_file("streamlit_app.py", default_timeout=600).run()
assert not at.exception, at.exception
at.chat_input(key="ask").set_value("What are tides?").run()
assert not at.exception, at.exception
assert len(at.chat_message) == 2, at.chat_message
print("asked", sorted(name for name in ("fcntl", "pwd", "resource", "uvloop") if name in sys.modules))
app_state.close()
"""


def test_the_app_answers_without_what_only_posix_has(tmp_path: Path) -> None:
    environ = {
        **os.environ,
        "ROUNDTABLE_DATA_FOLDER": str(tmp_path),
        "ROUNDTABLE_SIMULATOR_SPEED": "1000",
        "ROUNDTABLE_LOCAL_SERVERS": "false",
    }
    code = f"{WITHOUT_POSIX}\n{PAGE}".replace("middleware.warm_up()", "app_state.PATIENCE_S = 0\nmiddleware.warm_up()")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "asked []"


def test_there_the_environment_lies_elsewhere_and_is_locked_by_windows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = runpy.run_path(str(ROOT / "scripts" / "setup" / "environment.py"))
    assert environment["PYTHON"].parts[-2:] == ("bin", "python")
    code = f"""
import contextlib, hashlib, os, pathlib, runpy, shutil, signal, subprocess, sys, time, types
pathlib.WindowsPath = pathlib.PosixPath  # what Path makes where os.name says nt
locks = []
def locking(descriptor, mode, length):
    locks.append((mode, length))
    if len(locks) == 1:
        raise PermissionError("held by another process")
sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK=2)
del signal.SIGHUP
os.name, sys.platform = "nt", "win32"
seen = runpy.run_path({str(ROOT / "scripts" / "setup" / "environment.py")!r})
seen["alone"].__wrapped__.__globals__["FOLDER"] = pathlib.PosixPath({str(tmp_path)!r})
with seen["alone"]():
    print(*seen["PYTHON"].parts[-3:], locks)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ".venv Scripts python.exe [(2, 1), (2, 1)]"
    assert "Another installation is running" in done.stderr


def test_there_the_command_waits_for_the_server_and_ends_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "lacks_packages", lambda: None)
    monkeypatch.setattr(app, "why_not", lambda host, number: None)
    monkeypatch.setattr(app, "command", lambda *_: [sys.executable, "-c", "raise SystemExit(7)"])
    monkeypatch.setattr(os, "name", "nt")
    monkeypatch.setattr(os, "execv", None)
    with pytest.raises(SystemExit) as ended:
        app.run(argparse.Namespace(host="127.0.0.1", port=1, others=[]))
    assert ended.value.code == 7


def test_a_port_in_use_is_told_where_addresses_are_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        monkeypatch.setattr(os, "name", "nt")
        port = busy.getsockname()[1]
        assert app.why_not("127.0.0.1", port) == f"Port {port} is already in use; choose another one with --port N."


def test_run_cmd_starts_the_same_files_as_run() -> None:
    batch_file, shell_script = (ROOT / "scripts" / name for name in ("run.cmd", "run"))
    lines = batch_file.read_bytes().split(b"\r\n")
    assert not any(b"\n" in line for line in lines)  # cmd.exe loses its place in a file with bare line feeds
    text = batch_file.read_text("ascii")
    assert r"core\cli\app.py %*" in text
    assert r"scripts\setup\environment.py run" in text
    assert r".venv\Scripts\python.exe" in text
    assert "core/cli/app.py" in shell_script.read_text("utf-8")
