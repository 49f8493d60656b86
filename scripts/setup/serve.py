"""Start the app in this process: the process id stays, so a signal to it stops the server."""

from __future__ import annotations

import argparse
import errno
import os
import socket
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2]
EVERYWHERE = {"0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104


def main() -> None:
    options, others = read(sys.argv[1:])
    problem = why_not(options.host, options.port)
    if problem:
        sys.exit(problem)
    print(f"Roundtable: {address(options.host, options.port)} (Ctrl-C stops it)", flush=True)
    os.chdir(FOLDER)
    os.execv(sys.executable, command(options.host, options.port, others))  # noqa: S606


def read(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        "scripts/run",
        description="Start Roundtable. Other options go to `streamlit run`, for example --server.baseUrlPath chat. "
        "Behind a proxy or a tunnel that keeps the public name, set ROUNDTABLE_HOSTS=NAME.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", "--server.port", type=port, default=8501, metavar="N", help="default 8501")
    parser.add_argument(
        "--host",
        "--server.address",
        default="127.0.0.1",
        metavar="H",
        help="address to listen on; default this computer only, 0.0.0.0 for all",
    )
    return parser.parse_known_args(arguments)


def port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port; a port is a number from 1 to 65535")
    return int(text)


def why_not(host: str, number: int) -> str | None:
    """One sentence about why the server cannot listen there, or None."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
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
    """Streamlit's own greeting is hidden: for a public address it would ask a web service for this computer's."""
    own = ["--server.address", host, "--server.port", str(number)]
    own += ["--server.headless", "true", "--logger.hideWelcomeMessage", "true"]
    return [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *own, *others]


if __name__ == "__main__":
    main()
