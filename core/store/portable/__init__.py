"""Conversations in files: exports, and the records and foreign formats of an import."""
