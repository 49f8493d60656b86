"""Documents read as text, page by page, in a process of their own with bounds of time, memory and size.

reading.py   what comes back: pages, and what was left out
ranges.py    "3-7, 9": the pages that a person chooses
process.py   the worker's other end: start, ask, kill
worker.py    `python -m core.documents.worker`; the only one that imports what is below it
kinds.py     what a file is, by its content
formats/     a reader for each kind
"""
