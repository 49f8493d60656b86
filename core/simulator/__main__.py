"""`scripts/simulate`: serve the simulator on a port until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import math
import signal
from contextlib import suppress

from .server import SimulatorServer

ADDRESSES = """\
The simulator listens on http://{host}:{port}. Any key will do; none of this is a real model.
  OPENAI_BASE_URL=http://{host}:{port}/v1          (and everything compatible)
  GROQ_BASE_URL=http://{host}:{port}/groq/v1
  MISTRAL_BASE_URL=http://{host}:{port}/mistral/v1
  AI21_BASE_URL=http://{host}:{port}/studio/v1
  ANTHROPIC_BASE_URL=http://{host}:{port}/v1
  GEMINI_BASE_URL=http://{host}:{port}/v1beta
  COHERE_BASE_URL=http://{host}:{port}/v2
  OLLAMA_BASE_URL=http://{host}:{port}
  Hugging Face `inputs`: http://{host}:{port}/models/quick
Models: quick, steady, slow, flaky, thinker; flaky:429, flaky:503, flaky:cut; bench:chunks=500,rate=50
Clock and counts: http://{host}:{port}/_simulator/calls"""


def main() -> None:
    options = arguments()
    try:
        asyncio.run(serve(options))
    except OSError as error:
        raise SystemExit(f"Cannot listen on {options.host}:{options.port}: {error.strerror}") from None


async def serve(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    with suppress(NotImplementedError):  # on Windows Ctrl-C ends the loop
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    runner, port = await SimulatorServer(options.seed, options.speed or math.inf).listen(options.port, options.host)
    print(port if options.print_port else ADDRESSES.format(host=options.host, port=port), flush=True)  # noqa: T201
    try:
        await stop.wait()
    finally:
        await runner.cleanup()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/simulate", description="Serve simulated models over HTTP.")
    parser.add_argument("--port", type=int, default=8600, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", type=float, default=1.0, help="divides every delay; 0: do not wait at all")
    parser.add_argument("--print-port", action="store_true", help="print the port alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
