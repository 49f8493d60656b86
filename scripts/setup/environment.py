"""Make `.venv` match a lock file, unless it does already. Python's standard library only.

`environment.py run` installs requirements.lock, `environment.py dev` requirements-dev.lock, a superset of it.
A second argument names another folder than `.venv`, for tests on another Python.
Both then install requirements.txt: the same versions without hashes, and any line that somebody added to it.
A stamp file records what is installed, so that a second call costs one start of Python. A damaged or incomplete
folder is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

FOLDER = Path(__file__).resolve().parents[2]
VENV = FOLDER / (sys.argv[2] if len(sys.argv) > 2 else ".venv")
PYTHON = VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python"
LOCKS = {"run": FOLDER / "requirements.lock", "dev": FOLDER / "requirements-dev.lock"}
REQUIREMENTS = FOLDER / "requirements.txt"
LOOK_S = 0.2  # between two looks whether the other installation has ended
PROBE = "import sys; assert sys.version_info >= (3, 11); print(sys.prefix); print(sys.version)"


class Failed(Exception):
    """A sentence for the person at the terminal."""


def main(purpose: str) -> None:
    if is_ready(purpose):
        return
    with alone():
        if not is_ready(purpose):
            install(purpose)


def is_ready(purpose: str) -> bool:
    try:
        return stamp(purpose).read_text("utf-8") == mark(purpose)
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def stamp(purpose: str) -> Path:
    return VENV / f"installed-{purpose}"


def mark(purpose: str) -> str:
    """The stamp of a complete installation: this folder, this Python, these files."""
    command: list[str | Path] = [
        PYTHON,
        "-X",
        "utf8",
        "-c",
        PROBE,
    ]  # the folder's name may hold letters that a code page lacks
    seen = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    wanted = LOCKS[purpose].read_bytes() + REQUIREMENTS.read_bytes()
    return f"{seen}{hashlib.sha256(wanted).hexdigest()}\n"


def install(purpose: str) -> None:
    print(f"Installing {LOCKS[purpose].name} into {VENV.name} (once, about a minute) …", file=sys.stderr, flush=True)
    forget()
    if not works() or failed_file(purpose):
        make()
        if failed := failed_file(purpose):
            raise Failed(f"Could not install {failed}; what pip said is above.")
    remember(purpose)


def forget() -> None:
    for purpose in LOCKS:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            stamp(purpose).unlink()


def remember(purpose: str) -> None:
    for installed in {purpose, "run"}:
        stamp(installed).write_text(mark(installed), "utf-8")


def works() -> bool:
    """Whether `.venv` is an environment of this folder with a Python that is new enough and a pip."""
    try:
        prefix = mark("run").splitlines()[0]
    except (OSError, subprocess.SubprocessError):
        return False
    return Path(prefix).resolve() == VENV.resolve() and call(PYTHON, "-m", "pip", "--version", quiet=True)


def make() -> None:
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    if not call(sys.executable, "-m", "venv", VENV):
        raise Failed(f"Could not make {VENV.name}; what Python said is above.")


def failed_file(purpose: str) -> str | None:
    """Install; the name of the file that pip could not install, or None."""
    # A lock holds every package, so pip need not resolve: a release that comes out later cannot change what it finds.
    locked: list[str | Path] = ["--require-hashes", "--no-deps", "--requirement", LOCKS[purpose]]
    for file, options in ((LOCKS[purpose], locked), (REQUIREMENTS, ["--requirement", REQUIREMENTS])):
        if not call(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", *options):
            return file.name
    return None


def call(*command: str | Path, quiet: bool = False) -> bool:
    sink = subprocess.DEVNULL if quiet else sys.stderr
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink).returncode == 0


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One installation at a time; a second caller waits and then finds the work done."""
    with (FOLDER / ".venv.lock").open("w") as lock:
        if not is_locked(lock):
            print("Another installation is running; waiting for it …", file=sys.stderr, flush=True)
            while not is_locked(lock):
                time.sleep(LOOK_S)
        yield


def is_locked(lock: IO[str]) -> bool:
    """Lock the file for as long as it is open; False where another process holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def end(number: int, _: object) -> None:
    """Exit by an exception, which stops pip as well."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no hang-up
            signal.signal(getattr(signal, name), end)
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
    except (Failed, OSError) as error:
        sys.exit(str(error))
