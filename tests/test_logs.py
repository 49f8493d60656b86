"""Log records: whoever writes one and whatever handler prints it, its message, traceback and stack are clean."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from core import logs
from core.safety.redact import Redactor
from core.safety.sieve import HIDDEN

KEY = "abcd-0123456789-efgh-0123456789"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a logger with a handler of its own writes, made before the redactor is installed."""
    out, logger = io.StringIO(), logging.getLogger("apart")
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
    yield out
    logger.removeHandler(handler)


def test_message_arguments_traceback_and_stack_are_clean(written: io.StringIO) -> None:
    redactor, logger = Redactor([KEY]), logging.getLogger("apart")
    logs.install(redactor)
    logger.warning("got %s in %r", KEY, {"a": KEY})
    try:
        raise ValueError(f"first {KEY}\nsecond {KEY}")
    except ValueError:
        logger.exception("failed", stack_info=True)
    logged = written.getvalue()
    assert KEY not in logged
    assert f"got {HIDDEN} in {{'a': '{HIDDEN}'}}" in logged
    assert f"ValueError: first {HIDDEN}\nsecond {HIDDEN}" in logged
    assert "Stack (most recent call last):\n  File" in logged


def test_a_line_of_a_stranger_cannot_begin_another_line(written: io.StringIO) -> None:
    redactor = Redactor([KEY])
    logs.install(redactor)
    logging.getLogger("apart").warning("name: %s", "x\n2026-01-01 root: all is well\x1b[31m")
    assert written.getvalue() == "apart: name: x\\n2026-01-01 root: all is well\n"


def test_a_redactor_that_is_gone_hides_nothing_more(written: io.StringIO) -> None:
    first, second = Redactor(["kept-0123456789"]), Redactor([KEY])
    logs.install(first)
    logs.install(second)
    del second
    assert logs.cleaned(f"{KEY} kept-0123456789") == f"{KEY} {HIDDEN}"


def test_importing_changes_no_log_record() -> None:
    import subprocess
    import sys

    code = "import logging, core, core.logs, core.engine; print(logging.getLogRecordFactory() is logging.LogRecord)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
