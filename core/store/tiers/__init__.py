"""Answers to questions whose model was chosen here, and what people said of the size that was chosen."""
