"""Measurements, side by side in one run: `scripts/bench` prints the table. Nothing here is a test."""
