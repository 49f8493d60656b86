"""Backup and restore of the database, SQLite or PostgreSQL."""
