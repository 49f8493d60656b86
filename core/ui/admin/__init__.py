"""The administrator's page: login, and the FAQ with its approved answers."""
