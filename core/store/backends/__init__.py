"""Below the store: opening each database, locks, its errors for "full" and "unreachable", and the spool."""
