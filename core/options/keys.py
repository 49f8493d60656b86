"""Where keys are read, who may use them, and for how long."""

from __future__ import annotations

from pydantic import BaseModel, Field

from .values import ModelPatterns


class KeyOptions(BaseModel):
    keys_folder: str = Field(
        default="",
        max_length=1000,
        description="A folder of files, one for each key, named like its variable: /run/secrets with Docker, a mounted "
        "volume with Kubernetes.",
    )
    keys_aws_secrets: str = Field(
        default="",
        max_length=4000,
        description="Secrets of AWS Secrets Manager, by name or ARN, separated by spaces: a secret holds many keys as "
        "JSON, or one key and is named like its variable; roundtable/* is every secret that begins so. Needs boto3 "
        "(requirements-aws.lock).",
    )
    keys_refresh_s: float = Field(
        default=60, ge=5, le=86_400, description="How often keys are read again from AWS; files are within a second."
    )
    shared_key_models: ModelPatterns = Field(
        default="",
        max_length=8000,
        description="Models for which the server's keys may be used, as provider/model separated by spaces; * stands "
        "for any characters: groq/* mistral/mistral-small-latest. Others need a key of one's own. Unset: all.",
    )
    pasted_keys_hours: float = Field(
        default=12,
        gt=0,
        le=720,
        description="How long a key that a visitor pasted is kept without use; in memory, never on disk.",
    )
