"""Where a key comes from, in the real server: Streamlit writes its secrets over the environment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import LONG_MS
from tests.browser.servers import Server, copy_app

NAMES = ("OPENROUTER_API_KEY", "NVIDIA_API_KEY", "SAMBANOVA_API_KEY")
# Nobody listens there: after the start, and once a day, a provider with a key is asked for its models.
NOBODY = dict.fromkeys((name.replace("_API_KEY", "_BASE_URL") for name in NAMES), "http://127.0.0.1:9/v1")


@pytest.fixture
def app_folder(tmp_path: Path) -> Path:
    """With a `.env` and secrets of its own."""
    folder = copy_app(tmp_path / "app")
    secrets = "".join(f'{name} = "from-the-secrets-0123"\n' for name in NAMES)
    (folder / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    dotenv = "".join(f"{name}=from-the-env-file-0123\n" for name in NAMES[:2])
    (folder / ".env").write_text(dotenv, encoding="utf-8")
    return folder


def test_the_page_names_the_true_source_of_a_key(page: Page, own_server: Callable[..., Server]) -> None:
    server = own_server(OPENROUTER_API_KEY="from-the-environment-0123", **NOBODY)
    page.goto(f"{server.url}/providers")
    for provider, name, source in zip(
        ("openrouter", "nvidia", "sambanova"), NAMES, ("environment", ".env", "Streamlit secrets"), strict=True
    ):
        page.locator(f'tr[data-row="{provider}"]').get_by_role("button").click(timeout=LONG_MS)
        expect(page.locator(f".st-key-provider-{provider}")).to_contain_text(f"({name} · {source} · ", timeout=LONG_MS)
