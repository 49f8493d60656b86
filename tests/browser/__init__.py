"""Chromium against the real app, which runs as a process of its own."""
