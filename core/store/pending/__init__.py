"""Writes that wait until the database is available: which may wait, and how they are shown meanwhile."""
