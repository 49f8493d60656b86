"""Find Chromium for the browser tests: on PATH, else Playwright's own download, else the system's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "The browser tests need Chromium: install it (on Debian: apt install chromium) or run: playwright install chromium"
)
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
)
DOWNLOAD_S = 300
PACKAGES_S = 600


def find() -> str | None:
    """The path of a Chromium that starts here, or None."""
    return next(filter(starts, candidates()), None)


def candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, NAMES))
    seen = subprocess.run([sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True)
    yield seen.stdout.strip()


def starts(path: str) -> bool:
    """Whether it can be loaded at all: a download may lack the system's libraries."""
    return attempt([path, "--version"], timeout_s=60, show=False)


def install() -> None:
    """Try two ways to get one; both may fail silently: call `find` afterwards."""
    attempt([sys.executable, "-m", "playwright", "install", "chromium"], timeout_s=DOWNLOAD_S)
    if find() or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    attempt(["apt-get", "update", "-qq"], timeout_s=PACKAGES_S)
    attempt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], timeout_s=PACKAGES_S)


def attempt(command: list[str], timeout_s: float, show: bool = True) -> bool:
    sink = sys.stderr if show else subprocess.DEVNULL
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env=environment, timeout=timeout_s
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main() -> None:
    if find():
        return
    print("Chromium not found; getting one …", file=sys.stderr, flush=True)
    install()
    executable = find()
    if not executable:
        sys.exit(ADVICE)
    print(f"Chromium: {executable}", file=sys.stderr)


if __name__ == "__main__":
    main()
