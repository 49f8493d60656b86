"""Asking: what was asked (state), the chat's and the comparison's doings, the composer and its settings."""
