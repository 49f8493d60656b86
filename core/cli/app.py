"""`roundtable app`: start the app in this process. The process id stays, so a signal to it stops the server.

`scripts/run` runs this file by its path, so it must not import from this package.
"""

from __future__ import annotations

import argparse
import errno
import os
import re
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import NoReturn

HELP = "start the app with its pages"
DESCRIPTION = (
    "Start Roundtable's pages. Other options go to `streamlit run`, for example --server.baseUrlPath chat. "
    "Conversations are kept in the folder `data` below the current one, keys are read from .env there. "
    "Behind a proxy or a tunnel that keeps the public name, set ROUNDTABLE_HOSTS=NAME."
)
EVERYWHERE = {"0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", "--server.port", type=port, default=8501, metavar="N", help="default 8501")
    parser.add_argument(
        "--host",
        "--server.address",
        default="127.0.0.1",
        metavar="H",
        help="address to listen on; default this computer only, 0.0.0.0 for all",
    )


def run(options: argparse.Namespace) -> NoReturn:
    """Replace this process by the server, or exit with a sentence that says why it cannot start.

    Windows cannot replace a process (its `exec` starts another and ends this one, and the shell goes on), so there
    this one waits for the server.
    """
    problem = lacks_packages() or why_not(options.host, options.port)
    if problem:
        sys.exit(problem)
    print(f"Roundtable: {address(options.host, options.port)} (Ctrl-C stops it)", flush=True)
    server = command(options.host, options.port, options.others)
    if os.name == "nt":
        sys.exit(wait_for(server))
    os.execv(server[0], server)  # noqa: S606


def wait_for(server: list[str]) -> int:
    """Run the server to its end; its exit code. Ctrl-C reaches both, and the server ends by itself."""
    with subprocess.Popen(server) as process:  # noqa: S603
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def lacks_packages() -> str | None:
    """A sentence if the packages of the `app` extra are missing."""
    try:
        needs = metadata.requires("roundtable") or []
    except metadata.PackageNotFoundError:
        needs = ["streamlit; extra == 'app'"]
    for need in needs:
        name = re.match(r"[\w.-]+", need)
        if name and re.search(r"extra == .app\b", need) and not list(metadata.distributions(name=name[0])):
            return f'The app needs {name[0]}, which is not installed: pip install ".[app]" in the project\'s folder.'
    return None


def script() -> Path:
    """The path of streamlit_app.py: inside this package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "app" / "streamlit_app.py"
    return installed if installed.is_file() else package.parent / "streamlit_app.py"


def port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port; a port is a number from 1 to 65535")
    return int(text)


def why_not(host: str, number: int) -> str | None:
    """One sentence about why the server cannot listen there, or None."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name != "nt":  # there it would share a port that is in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"Port {number} is already in use; choose another one with --port N."
        return f"Cannot listen on {host}, port {number}: {error.strerror or error}."
    return None


def address(host: str, number: int) -> str:
    name = EVERYWHERE.get(host, host)
    return f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"


def command(host: str, number: int, others: list[str]) -> list[str]:
    """Streamlit's welcome message is hidden: with a public address it would look up this computer's IP on the web."""
    own = ["--server.address", host, "--server.port", str(number)]
    own += ["--server.headless", "true", "--logger.hideWelcomeMessage", "true"]
    return [sys.executable, "-m", "streamlit", "run", str(script()), *own, *others]


if __name__ == "__main__":
    parser = argparse.ArgumentParser("scripts/run", description=DESCRIPTION, allow_abbrev=False)
    add_arguments(parser)
    options, unknown = parser.parse_known_args()
    options.others = unknown

    run(options)
