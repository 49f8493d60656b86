"""The environment without what Streamlit wrote into it."""

from __future__ import annotations

import pytest

from core.options import load
from core.ui import environment

SECRETS = {"GROQ_API_KEY": "of-the-secrets", "PORT": 8501, "account": {"type": "service"}}


@pytest.fixture(autouse=True)
def nobody_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_saved", None)


def test_what_was_remembered_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "of-the-environment")
    environment.remember()
    monkeypatch.setenv("GROQ_API_KEY", "of-the-secrets")
    environment.remember()
    variables = load(environment.environ(SECRETS), SECRETS).environ
    assert (variables["GROQ_API_KEY"], variables.source("GROQ_API_KEY")) == ("of-the-environment", "environment")


def test_a_secrets_own_value_is_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "of-the-secrets")
    monkeypatch.setenv("PORT", "8501")
    monkeypatch.setenv("account", "another")
    variables = environment.environ(SECRETS)
    assert "GROQ_API_KEY" not in variables
    assert "PORT" not in variables
    assert variables["account"] == "another"
    merged = load(variables, SECRETS).environ
    assert merged.source("GROQ_API_KEY") == "secrets"
