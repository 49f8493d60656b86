"""Writing that waits until the database can take it: what may wait, and how it is shown meanwhile."""
