"""Questions that wait for a limit to reset: the offer, the card in the conversation, the list in the sidebar."""
