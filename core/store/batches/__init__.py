"""Batches: many prompts for several models, stored row by row so that a process may die at any moment."""
