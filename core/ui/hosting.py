"""Where this server runs: the name that a hosting service gives it, who may embed it, and whether its files last."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from . import app_state

# Variables in which hosting services give the public name; {port} is the one we listen on.
SERVICES = {
    "SPACE_HOST": "{value}",
    "RENDER_EXTERNAL_HOSTNAME": "{value}",
    "RAILWAY_PUBLIC_DOMAIN": "{value}",
    "WEBSITE_HOSTNAME": "{value}",
    "FLY_APP_NAME": "{value}.fly.dev",
    "CODESPACE_NAME": "{value}-{port}.app.github.dev",
}
# Hosting services that embed apps in a page of theirs.
FRAMES = {"SPACE_HOST": "https://huggingface.co"}
# Those that start an app on a fresh disk, unless a volume is mounted.
FRESH_DISK = ("SPACE_HOST", "RENDER_EXTERNAL_HOSTNAME", "RAILWAY_PUBLIC_DOMAIN", "FLY_APP_NAME")
COMMUNITY_CLOUD = "*.streamlit.app"
COMMUNITY_CLOUD_FRAMES = ("https://*.streamlit.app", "https://share.streamlit.io")


def on_community_cloud(environ: Mapping[str, str], app_path: Path) -> bool:
    return "STREAMLIT_SHARING_MODE" in environ or str(app_path).startswith("/mount/src/")


def names(environ: Mapping[str, str], app_path: Path, port: str) -> list[str]:
    """The host names under which hosting services reach this server."""
    public_names = [form.format(value=environ[name], port=port) for name, form in SERVICES.items() if environ.get(name)]
    return [*public_names, COMMUNITY_CLOUD] if on_community_cloud(environ, app_path) else public_names


def frames(environ: Mapping[str, str], app_path: Path) -> list[str]:
    """The sites of hosting services that show this server in a frame."""
    sites = [frame for name, frame in FRAMES.items() if environ.get(name)]
    return [*sites, *COMMUNITY_CLOUD_FRAMES] if on_community_cloud(environ, app_path) else sites


def files_last(environ: Mapping[str, str], app_path: Path, folder: Path) -> bool:
    """Whether files in `folder` are still there after the hosting service stopped the app and started it again."""
    if on_community_cloud(environ, app_path):
        return False
    return not any(environ.get(name) for name in FRESH_DISK) or _is_on_volume(folder)


def history_lasts() -> bool:
    """Whether conversations outlive this server's process, as far as it can know."""
    state = app_state.get()
    settings = state.engine.settings
    if settings.database_url or settings.files_last == "yes":
        return True
    return settings.files_last == "auto" and files_last(os.environ, Path(__file__), state.data_folder)


def _is_on_volume(folder: Path) -> bool:
    path = folder.absolute()
    return any(place.is_mount() for place in (path, *path.parents) if place != place.parent)
