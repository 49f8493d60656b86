"""Where conversations and files are, how large they may be, and when they are deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field


class StorageOptions(BaseModel):
    database_url: str | None = Field(
        default=None,
        repr=False,
        exclude=True,
        max_length=2000,
        description="PostgreSQL for conversations (postgresql://user:password@host/name), which several copies of the "
        "app may share; DATABASE_URL is read too. Unset: a SQLite file in the data folder.",
    )
    data_folder: Path = Field(default=Path("data"), description="Where the SQLite file is, and what waits to be saved.")
    files_last: Literal["auto", "yes", "no"] = Field(
        default="auto",
        description="Whether the data folder outlives a restart. no: without PostgreSQL the pages say that chats do "
        "not last. auto: no on Streamlit Community Cloud, and on Hugging Face Spaces, Render, Railway and Fly without "
        "a volume.",
    )
    lease_s: float = Field(
        default=30, ge=1, le=3600, description="An answer whose process gave no sign for so long counts as interrupted."
    )
    undo_minutes: float = Field(
        default=60,
        ge=0,
        le=525_600,
        description="How long a deleted chat or comparison can be brought back; then it is deleted for good.",
    )
    keep_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Chats, comparisons and batches without a change for so many days are deleted for good, pinned "
        "ones too; the History page says so. 0: they are kept until somebody deletes them.",
    )
    import_mb: int = Field(
        default=4000, ge=1, le=100_000, description="The largest file that may be imported into the history."
    )
    file_mb: int = Field(
        default=25,
        ge=1,
        le=1_000,
        description="Largest picture, document or recording that is kept with a question, in MB.",
    )
    files_owner_mb: int = Field(
        default=500,
        ge=1,
        le=1_000_000,
        description="All of these of one person, in MB; what has no room is refused.",
    )
    files_place: str = Field(
        default="",
        max_length=1000,
        description="Where these are kept: a folder that all replicas see, or `s3://bucket/prefix` with the extra `s3` "
        "(credentials and region as boto3 finds them). Empty: in the database.",
    )
    files_s3_endpoint: str = Field(
        default="",
        max_length=1000,
        description="Address of an S3-compatible store other than Amazon's, such as `https://minio.example:9000`.",
    )
