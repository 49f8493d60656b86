"""Batches: many prompts put to several models in one go, kept row by row so that a process may die at any moment."""
