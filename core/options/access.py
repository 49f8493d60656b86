"""Who may use and administer the server, under which names browsers reach it, and who may open shared links."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from .values import FrameSites, HostNames


class AccessOptions(BaseModel):
    admin_password: str | None = Field(
        default=None,
        repr=False,
        exclude=True,
        min_length=10,
        max_length=200,
        description="Opens the page on which questions are marked as answered alike for everybody; unset: nobody can. "
        "At least 10 characters.",
    )
    passcode: str | None = Field(
        default=None,
        repr=False,
        exclude=True,
        min_length=10,
        max_length=200,
        description="Asked of every visitor once in 30 days; unset: nobody is asked. At least 10 characters. Not used "
        "where people sign in with accounts ([auth] in Streamlit's secrets).",
    )
    admins: str = Field(
        default="",
        max_length=4000,
        description="Mail addresses of people who administer after they signed in, separated by spaces; only addresses "
        "that their OpenID provider verified count. A subject (sub) is accepted, too.",
    )
    sign_in_hours: float = Field(
        default=0,
        ge=0,
        le=720,
        description="How long a sign-in holds; 0: for as long as the OpenID provider's token, often an hour.",
    )
    hosts: HostNames = Field(
        default="",
        max_length=4000,
        description="Names under which browsers reach this server, separated by spaces: chat.example.org, "
        "*.example.org, chat.example.org:8443; * answers to every name. Without them it answers to localhost, to "
        "addresses written as numbers, to this computer's own name, and on known hosting services to the name there.",
    )
    frame_ancestors: FrameSites = Field(
        default="",
        max_length=4000,
        description="Sites that may show the pages in a frame, separated by spaces, such as "
        "https://intranet.example.org; * for all, 'none' for none at all; unset: only itself.",
    )
    sharing: Literal["off", "people", "anyone"] = Field(
        default="people",
        description="Read-only links of chats and comparisons. people: who may use this server can open them; anyone: "
        "whoever has the link, without signing in; off: none can be made, and those that were made do not open.",
    )
    sharing_days: int = Field(
        default=30,
        ge=0,
        le=36_500,
        description="How long a link may last, also one that was made earlier; 0: for as long as its owner wants.",
    )
