"""Roundtable's library: ask one model or many, and learn when each piece of the answer arrived.

from roundtable import build, ChatRequest, Message

engine = build()
print(engine.complete(ChatRequest([Message("user", "Hello")], model_id="sim/quick")).text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import BlockedInput, LLMError
from .records import (
    Attempt,
    ChatRequest,
    Completion,
    Delta,
    Document,
    Event,
    Finish,
    InputFilter,
    Message,
    Model,
    Note,
    Picture,
    Provider,
    Reasoning,
    ResponseFormat,
    Routing,
    Sound,
    Text,
    Timing,
    Tool,
    ToolCall,
    ToolResult,
    ToolStep,
    Usage,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .chat import ChatSession
    from .engine import Engine
    from .local_files import read_file
    from .log_data.database import DatabaseLog
    from .log_data.duck import DuckLog
    from .options import Settings
    from .providers.keys.aws import AwsSecrets
    from .providers.keys.files import KeyFolder
    from .tools import CALCULATOR, FunctionTool

__version__ = "0.1.0"
__all__ = [
    "CALCULATOR",
    "Attempt",
    "AwsSecrets",
    "BlockedInput",
    "ChatRequest",
    "ChatSession",
    "Completion",
    "Delta",
    "Document",
    "Engine",
    "Event",
    "Finish",
    "FunctionTool",
    "InputFilter",
    "KeyFolder",
    "LLMError",
    "Message",
    "Model",
    "Note",
    "Picture",
    "Provider",
    "Reasoning",
    "ResponseFormat",
    "Routing",
    "Sound",
    "Text",
    "Timing",
    "Tool",
    "ToolCall",
    "ToolResult",
    "ToolStep",
    "Usage",
    "build",
    "open_log",
    "open_parquet",
    "read_file",
]


def build(settings: Settings | None = None, **options: Any) -> Engine:
    """Make an engine from `settings`, or from the environment, `.env` and `.streamlit/providers.toml`."""
    from .assemble import build as assemble

    return assemble(settings, **options)


def open_log(where: str | Path | None = None, **options: Any) -> DatabaseLog:
    """The log as data, for who runs the server: calls, messages, votes and quota as pandas DataFrames (docs/log.md).

    `where` is a SQLite file or the URL of a PostgreSQL; None: the app's own database, found as `build` finds its
    settings (`options`: environ, secrets, folder). It is only read. Raises `LogUnavailable`, in one sentence.
    """
    from .assemble import open_log as assemble

    return assemble(where, **options)


def open_parquet(folder: str | Path, **bounds: Any) -> DuckLog:
    """The log that `to_parquet` wrote into that folder, read by DuckDB (the extra "log"), with `sql(question)` besides.

    `bounds`: memory_mb (1000), temp_folder, threads. Raises `LogUnavailable`, in one sentence.
    """
    from .log_data.duck import open_parquet as opened

    return opened(folder, **bounds)


def __getattr__(name: str) -> Any:
    """Names that bring more than all the others: imported when they are first asked for."""
    if name == "AwsSecrets":
        from .providers.keys.aws import AwsSecrets

        return AwsSecrets
    if name == "KeyFolder":
        from .providers.keys.files import KeyFolder

        return KeyFolder
    if name == "ChatSession":
        from .chat import ChatSession

        return ChatSession
    if name in ("CALCULATOR", "FunctionTool"):
        from . import tools

        return getattr(tools, name)
    if name == "read_file":
        from .local_files import read_file

        return read_file
    if name == "Engine":
        from .engine import Engine

        return Engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
