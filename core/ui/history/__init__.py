"""What was asked before: the list beside the chat, the History page, names, deletion and its undoing, files."""
