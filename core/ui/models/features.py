"""Names of what can be asked of a model: the settings of a question, and what it may hold."""

from __future__ import annotations

from ..text import plain, t


def feature_name(name: str) -> str:
    """In the reader's words, for the middle of a sentence; a name that is none of ours stays as it is."""
    return {
        "temperature": t("temperature"),
        "top_p": t("top p"),
        "seed": t("seed"),
        "max_output_tokens": t("maximum answer length"),
        "effort": t("reasoning effort"),
        "response_format": t("form of the answer"),
        "json": t("JSON output"),
        "schema": t("JSON schema"),
        "tools": t("tools"),
        "tool_choice": t("choice of tool"),
        "stop": t("stop texts"),
        "picture": t("pictures"),
        "document": t("PDF files"),
        "sound": t("recordings"),
        "thoughts": t("earlier reasoning"),
    }.get(name, plain(name))
