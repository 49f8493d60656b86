"""The Chat page: turns, actions, the composer and the settings."""
