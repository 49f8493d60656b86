"""PostgreSQL by URL. No session state is kept on a connection, so a pooler in transaction mode works."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from .. import Refused
from ..rows import dumps

CONNECT_S = 3
SCHEMES = ("postgres", "postgresql", "postgresql+psycopg")


def address(url: str) -> URL:
    """The URL as SQLAlchemy wants it. Errors never repeat it: it may hold a password."""
    try:
        parsed = make_url(url.strip())
    except (ArgumentError, ValueError):
        raise Refused("DATABASE_URL is not a database address (postgresql://user:password@host/name).") from None
    if parsed.drivername not in SCHEMES:
        raise Refused(f"DATABASE_URL starts with {parsed.drivername}://, only postgresql:// is known.")
    return parsed.set(drivername="postgresql+psycopg")


def connect(url: str, *, pool_size: int = 10) -> Engine:
    """An engine on the server. Nothing is connected until it is used."""
    arguments = {
        "connect_timeout": CONNECT_S,
        "prepare_threshold": None,
        "application_name": "roundtable",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
    }
    try:
        return create_engine(
            address(url),
            connect_args=arguments,
            json_serializer=dumps,
            pool_pre_ping=True,
            pool_size=pool_size,
            max_overflow=10,
            pool_timeout=5,
            pool_recycle=1800,
            hide_parameters=True,
        )
    except ModuleNotFoundError:
        raise Refused('PostgreSQL needs its driver: pip install "psycopg[binary]".') from None
