"""Near 500 files, good and bad, through the reader of documents: what came of each, in what time and memory.

    python -m bench.documents            the summary
    python -m bench.documents --all      a line for each file
    python -m bench.documents --only pdf those with this in their name

Exit 1 where one took longer than 20 s or more than 1 GB, or came out otherwise than it must.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass

from core.documents.bounds import HARD_S, MEMORY_BYTES
from core.documents.process import DocumentReader
from core.errors import BlockedInput

from .document_damage import Make
from .document_files import files


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    must: str
    outcome: str
    said: str
    seconds: float
    peak_mb: float | None

    text: str = ""

    @property
    def is_right(self) -> bool:
        return comes_to(self.must, self.outcome, self.text)


def comes_to(must: str, outcome: str, text: str) -> bool:
    """Whether a file came out as `files()` says that it must."""
    wanted, *words = must.split("|")
    at = 0
    for word in words:
        if word.startswith("!"):
            if word[1:] in text:
                return False
            continue
        at = text.find(word, at) + len(word)
        if at < len(word):
            return False
    return wanted in ("any", outcome)


def measured(name: str, must: str, make: Make) -> Line:
    """One file in a process of its own, so that the memory is that file's."""
    data = make()
    reader = DocumentReader()
    begun, text = time.perf_counter(), ""
    try:
        reading = reader.read(name, data)
        outcome, text = "pictures" if reading.is_pictures else "read", reading.text
        left_out = f", not whole: {reading.left_out}" if reading.left_out else ""
        sentence = f"{reading.kind}, {len(reading.pages):,}/{reading.page_count:,} {reading.unit}s{left_out}"
    except BlockedInput as error:
        outcome, sentence = str(error.code), str(error)
    seconds = time.perf_counter() - begun
    peak_mb = reader.peak_bytes / 1e6 if reader.peak_bytes else None
    reader.close()
    return Line(name, must, outcome, sentence, seconds, peak_mb, text if "|" in must else "")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--all", action="store_true")
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    lines = []
    for case in files():
        if chosen.only in case[0]:
            lines.append(line := measured(*case))
            if chosen.all or not line.is_right:
                peak = f"{line.peak_mb:.0f} MB" if line.peak_mb else "killed"
                wrong = "" if line.is_right else f"  MUST BE {line.must}"
                print(f"{line.seconds:6.2f} s {peak:>8}  {line.outcome:9} {line.name}: {line.said}{wrong}", flush=True)
    print(f"\n| what came of it | files | slowest, s | most memory, MB |\n|---|---|---|---|  {len(lines)} files")
    for outcome, number in Counter(line.outcome for line in lines).most_common():
        same = [line for line in lines if line.outcome == outcome]
        most_mb = max(line.peak_mb or 0 for line in same)
        print(f"| {outcome} | {number} | {max(line.seconds for line in same):.1f} | {most_mb:.0f} |")
    late = [line.name for line in lines if line.seconds > HARD_S + 1 or (line.peak_mb or 0) > MEMORY_BYTES / 1e6]
    others = [line.name for line in lines if not line.is_right]
    print(f"\ntoo slow or too large: {late or 'none'}\nnot as it must be: {others or 'none'}")
    return 1 if late or others else 0


if __name__ == "__main__":
    sys.exit(main())
