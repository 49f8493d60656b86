"""The files that a message of ChatGPT's export names: pictures in its parts, attachments in its metadata, pictures that
a tool drew. Their bytes are in the zip, in members whose names begin with the id.

{"asset": "file-abc", "name": "cat.png", "kind": "picture"}

Shapes as read by public programs: jamesmoore/chatgpt-export (`Assets/AssetLocator.cs`), LibreChat's importer
(`conversation_asset_file_names.json`, members called `file_….dat`), Sinity/polylogue (`chatgpt_sidecars.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .foreign import as_object

ID = re.compile(r"file[-_][A-Za-z0-9]+")
SOUNDS = ("audio_asset_pointer", "real_time_user_audio_video_asset_pointer")


def named_by(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files of a message, each once. A picture that is attached has its name from there."""
    attached = {file["asset"]: file for file in _attachments(as_object(message.get("metadata")))}
    files = {file["asset"]: file for file in _pointers(message)}
    for asset, file in attached.items():
        files[asset] = {**files.get(asset, file), "name": file["name"]}
    return list(files.values())


def is_pointer(part: Any) -> bool:
    """Whether this part of a message is a file, which is no text."""
    return str(as_object(part).get("content_type", "")).endswith("asset_pointer")


def _attachments(metadata: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    attachments = metadata.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        match = ID.search(str(as_object(attachment).get("id", "")))
        if match:
            name = as_object(attachment).get("name")
            yield {"asset": match[0], "name": name if isinstance(name, str) else "", "kind": "file"}


def _pointers(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    content, metadata = as_object(message.get("content")), as_object(message.get("metadata"))
    parts = content.get("parts")
    for part in filter(is_pointer, parts if isinstance(parts, list) else ()):
        if part.get("content_type") in SOUNDS:
            within = as_object(part.get("audio_asset_pointer"))
            yield _file(within.get("asset_pointer") or part.get("asset_pointer"), "sound")
        else:
            yield _file(part.get("asset_pointer"), "picture")
    drawn = as_object(metadata.get("aggregate_result")).get("messages")  # by code that was run
    for each in map(as_object, drawn if isinstance(drawn, list) else ()):
        if each.get("message_type") == "image":
            yield _file(each.get("image_url"), "picture")


def _file(pointer: Any, kind: str) -> dict[str, Any]:
    match = ID.search(pointer.rpartition("://")[2]) if isinstance(pointer, str) else None
    return {"asset": match[0] if match else "", "name": "", "kind": kind}
