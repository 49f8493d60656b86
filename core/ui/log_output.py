"""The log of the app: every line in the form that the option asks for, Streamlit's lines too.

Streamlit gives each of its loggers a handler of its own, and writes an exception of a page with its text, which may
quote what a person wrote: `page_faults` writes that line.
"""

from __future__ import annotations

import logging
from typing import Any

import streamlit.logger
from streamlit import config

from .. import log_format


def begin(form: log_format.Form) -> None:
    """From now on, for the whole process."""
    handler = log_format.write_to(None, form)

    def set_up(logger: logging.Logger) -> None:
        for earlier in list(logger.handlers):
            logger.removeHandler(earlier)
        if logger.name != "uvicorn.access":  # a line for each request, which Streamlit leaves out as well
            logger.addHandler(handler)

    streamlit_logger: Any = streamlit.logger
    streamlit_logger.setup_formatter = set_up
    streamlit_logger.update_formatter()
    config.set_option("logger.enableRich", False)
    logging.getLogger("streamlit.error_util").addFilter(_is_not_a_page_fault)
    for is_wanted in (_is_news, _is_not_a_refusal):
        logging.getLogger("uvicorn.error").addFilter(is_wanted)


def _is_news(record: logging.LogRecord) -> bool:
    """Not a line for each browser that connects, unless Streamlit's own log is on too."""
    return record.levelno > logging.INFO or config.get_option("logger.level") == "debug"


def _is_not_a_page_fault(record: logging.LogRecord) -> bool:
    return record.msg != "Uncaught app execution"


def _is_not_a_refusal(record: logging.LogRecord) -> bool:
    """Uvicorn's error after a websocket that was answered with a status, such as 503, as ASGI allows."""
    return record.msg != "ASGI callable returned without completing handshake."
