"""The prompts for a judge and a merging model, and how a judge's reply is read.

The answers are sent under letters in a random order of the caller's, so that neither names nor places favour a model.
They are enclosed in marks with a seal that no answer can know, so that none can end its own part.
"""

from __future__ import annotations

CRITERIA = ("correctness", "completeness", "clarity")
LOWEST, HIGHEST = 1, 10
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
