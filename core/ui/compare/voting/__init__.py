"""Votes on the answers of a comparison: the bar below them, and the effect of a vote."""
