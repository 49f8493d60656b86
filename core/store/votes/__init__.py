"""Votes: which lane of a comparison's turn a person preferred, and whether the names were hidden until then."""
