"""Places for blobs outside the database: a folder that all replicas see, or a bucket of an S3-compatible store.

place_of("/mnt/files"), place_of("s3://bucket/prefix", endpoint="https://minio.example")

Each person has a folder of their own, named by a hash of their id; a file in it is named by its SHA-256. What is kept
for one person is never another's, so that erasing one takes nothing from others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from uuid import uuid4

from . import StoreError

AWAY = "The place for files cannot be reached: try again when it is back."
NO_PLACE = "A file is kept in a place outside the database, which is not configured any more."
FULL = "A file cannot be written to the place for files: it is full, or may not be written."
S3 = "s3://"
CONNECT_S, READ_S = 3, 30
ABSENT = {"404", "NoSuchKey", "NotFound"}
CREDENTIALS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
    "profile_name": "AWS_PROFILE",
    "region_name": "AWS_REGION",
}


class PlaceFault(StoreError):
    """Bytes cannot be written, read or deleted now."""


class BlobPlace(Protocol):
    """All raise PlaceFault, and may block for as long as a network does. `put` returns when the bytes are durable."""

    def put(self, owner_id: str, name: str, data: bytes) -> None: ...
    def get(self, owner_id: str, name: str) -> bytes | None: ...
    def has(self, owner_id: str, name: str) -> bool: ...
    def remove(self, owner_id: str, name: str) -> None: ...
    def names(self, owner_id: str) -> list[str]: ...  # of all that is there, also of what was only begun


def place_of(option: str, endpoint: str = "", environ: Mapping[str, str] | None = None) -> BlobPlace | None:
    """The place that the option names: a folder, `s3://bucket/prefix`, or "" for the database."""
    if not option:
        return None
    if not option.startswith(S3):
        return FolderPlace(Path(option))
    bucket, _, prefix = option.removeprefix(S3).partition("/")
    return S3Place(bucket, prefix.strip("/"), lambda: _client(endpoint, environ or {}))


def _folder(owner_id: str) -> str:
    return sha256(owner_id.encode()).hexdigest()[:32]


def key_of(owner_id: str, name: str) -> str:
    """Where a place keeps it: the same in every place, so that it can be moved."""
    return f"{_folder(owner_id)}/{name}"


class FolderPlace:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, owner_id: str, name: str, data: bytes) -> None:
        path = self._folder / key_of(owner_id, name)
        part = path.with_name(f"{name}.{uuid4().hex[:8]}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise PlaceFault(FULL) from None

    def get(self, owner_id: str, name: str) -> bytes | None:
        try:
            return (self._folder / key_of(owner_id, name)).read_bytes()
        except FileNotFoundError:
            if not self._folder.is_dir():  # not mounted
                raise PlaceFault(AWAY) from None
            return None
        except OSError:
            raise PlaceFault(AWAY) from None

    def has(self, owner_id: str, name: str) -> bool:
        return (self._folder / key_of(owner_id, name)).is_file()

    def remove(self, owner_id: str, name: str) -> None:
        path = self._folder / key_of(owner_id, name)
        if not self._folder.is_dir():
            raise PlaceFault(AWAY)
        try:
            path.unlink(missing_ok=True)
        except OSError:
            raise PlaceFault(AWAY) from None
        with suppress(OSError):  # others of this person are there
            path.parent.rmdir()

    def names(self, owner_id: str) -> list[str]:
        if not self._folder.is_dir():
            raise PlaceFault(AWAY)
        try:
            return [path.name for path in (self._folder / _folder(owner_id)).iterdir()]
        except FileNotFoundError:
            return []
        except OSError:
            raise PlaceFault(AWAY) from None


class S3Place:
    """`client` makes the client of boto3, when it is first needed."""

    def __init__(self, bucket: str, prefix: str, client: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._make = client
        self._made: Any = None
        self._lock = Lock()

    def put(self, owner_id: str, name: str, data: bytes) -> None:
        self._call("put_object", owner_id, name, Body=data)

    def get(self, owner_id: str, name: str) -> bytes | None:
        response = self._call("get_object", owner_id, name)
        if response is None:
            return None
        try:
            return bytes(response["Body"].read())
        except Exception as error:
            raise _fault(error) from error

    def has(self, owner_id: str, name: str) -> bool:
        return self._call("head_object", owner_id, name) is not None

    def remove(self, owner_id: str, name: str) -> None:
        self._call("delete_object", owner_id, name)

    def names(self, owner_id: str) -> list[str]:
        prefix = self._prefix + key_of(owner_id, "")
        names: list[str] = []
        more: dict[str, str] = {}
        while True:
            page = self._ask("list_objects_v2", Prefix=prefix, **more)
            names += [entry["Key"].removeprefix(prefix) for entry in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return names
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _call(self, operation: str, owner_id: str, name: str, **more: Any) -> Any:
        """What the store returns; None where there is no such object."""
        return self._ask(operation, Key=self._prefix + key_of(owner_id, name), **more)

    def _ask(self, operation: str, **more: Any) -> Any:
        try:
            with self._lock:
                self._made = self._made or self._make()
            return getattr(self._made, operation)(Bucket=self._bucket, **more)
        except Exception as error:
            code = getattr(error, "response", {}).get("Error", {}).get("Code")
            if operation in ("get_object", "head_object") and code in ABSENT:
                return None
            raise _fault(error) from error


def _fault(error: Exception) -> PlaceFault:
    """Without the names of bucket and keys. What is no failure of boto3's is a fault of ours."""
    if isinstance(error, PlaceFault):
        return error
    if not type(error).__module__.startswith(("botocore", "boto3", "urllib3")):
        raise error
    return PlaceFault(AWAY)


def _client(endpoint: str, environ: Mapping[str, str]) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise PlaceFault('Files in S3 need a package: pip install ".[s3]" in the project\'s folder') from None
    credentials = {name: environ[variable] for name, variable in CREDENTIALS.items() if environ.get(variable)}
    config = Config(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"total_max_attempts": 3, "mode": "standard"},
        request_checksum_calculation="when_required",  # other stores than Amazon's refuse the newer checksums
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if endpoint else {},
    )
    return boto3.Session(**credentials).client("s3", endpoint_url=endpoint or None, config=config)
