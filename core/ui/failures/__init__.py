"""Errors in words: by their kind, and core's own sentences in the reader's language."""
