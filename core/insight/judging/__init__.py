"""What a judge and a merging model are asked, and how a judge's reply is read.

The answers go out under letters in an order that the caller draws, so that neither names nor places favour anybody.
They stand between marks with a seal that no answer can know, so that none can end its own part.
"""

from __future__ import annotations

CRITERIA = ("correctness", "completeness", "clarity")
LOWEST, HIGHEST = 1, 10
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
