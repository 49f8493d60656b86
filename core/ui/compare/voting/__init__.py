"""Votes on the answers of a comparison: the bar below them, and what a vote did."""
