"""Python imports this at the start of every process that the tests start with this folder on PYTHONPATH."""

import os
import sys

import outside  # type: ignore[import-not-found]  # beside this file, which is the folder that Python is given


def write(line: str) -> None:
    with open(os.environ["OUTSIDE_REPORT"], "a", encoding="utf-8") as report:
        report.write(f"{' '.join(sys.orig_argv[1:5])}: {line}\n")


outside.forbid(write)
