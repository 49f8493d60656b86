"""What went wrong, in words: errors by their kind, and core's own sentences in the reader's language."""
