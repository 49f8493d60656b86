"""Frozen records for pages: conversations, comparisons, batches and statistics. Imports no database."""
