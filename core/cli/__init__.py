"""The command `roundtable`: ask models from the shell, list them, write the log as files, start the app.

Exit codes: 0 answered, 1 failed (one sentence on stderr), 2 usage error, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from ..errors import LLMError
from . import app, ask, log, models

FAILED, INTERRUPTED, PIPE_CLOSED = 1, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    speak_utf8()
    options, others = parser().parse_known_args(arguments)
    if others and options.run is not app.run:
        parser().error(f"unrecognized arguments: {' '.join(others)}")
    options.others = others
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except LLMError as error:
        print(error.message, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # Python would report it again when it flushes stdout at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        print(error.strerror or error, file=sys.stderr)
        return FAILED


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser("roundtable", description=f"Ask language models. {ask.KEYS}", allow_abbrev=False)
    root.add_argument("--version", action="version", version=f"roundtable {__version__}")
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    for name, command in {"ask": ask, "models": models, "log": log, "app": app}.items():
        subparser = commands.add_parser(name, help=command.HELP, description=command.DESCRIPTION, allow_abbrev=False)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return root


def speak_utf8() -> None:
    """Write UTF-8 whatever the locale is."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
