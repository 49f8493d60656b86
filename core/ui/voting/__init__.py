"""Votes on the Compare page: the switch of the blind mode, the bar below the answers, and what a vote did."""
