"""How requests leave: over the network, to this computer, for a list of models, or to the simulator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .net.transport import Sending, Streaming
from .records import Provider

if TYPE_CHECKING:
    from .simulator.transport import Simulator


@dataclass(frozen=True)
class Transports:
    """The transports: over the network, to this computer within a second, for a list of models, or simulated.

    Each is created when first needed, because its library is slow to import.
    """

    streaming: Callable[[], Streaming]
    sending: Callable[[], Sending]
    local: Callable[[], Sending]
    listing: Callable[[], Sending]
    simulator: Callable[[], Simulator]
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)  # of what was created

    async def close(self) -> None:
        """Close the connections that the running event loop keeps open for later."""
        for close in self.closing:
            await close()

    def stream_to(self, provider: Provider) -> Streaming:
        return self.simulator() if provider.simulated else self.streaming()

    def send_to(self, provider: Provider) -> Sending:
        return self.simulator() if provider.simulated else self.sending()

    def warm_up(self) -> None:
        """Create all of them now, in the background, and import the readers of error replies."""
        from .wire.failure import reading  # noqa: F401

        for make in (self.streaming, self.sending, self.local, self.listing, self.simulator):
            make()
