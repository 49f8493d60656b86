"""What pages read: frozen records of conversations, comparisons, batches and figures. No database is imported here."""
