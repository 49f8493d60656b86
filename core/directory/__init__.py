"""Which models can be asked: those of the catalogue, those a provider lists, those that run on this computer."""

from .local_servers import LocalServers
from .models import ModelDirectory

__all__ = ["LocalServers", "ModelDirectory"]
