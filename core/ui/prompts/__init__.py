"""The prompt library: choose a prompt, fill in its variables, put it into a box; edit, import and export."""
