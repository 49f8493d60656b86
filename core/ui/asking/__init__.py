"""The chat: what was asked and answered, the actions on it, the composer and its settings."""
