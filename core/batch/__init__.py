"""Batches: many prompts, several models, one job that a process carries and another may take over.

table.read(bytes or text)            CSV, JSONL or lines -> columns and rows, or one sentence naming the faulty row
Batches.start(id, plan)              made once, then asked row by row through admission control
Batches.pause, resume, cancel, retry what its owner wants; look, page, line, download: what has come of it
"""

from __future__ import annotations
