"""What lies under the store: how each database is opened, its locks, its words for "full" and "away", and the spool."""
