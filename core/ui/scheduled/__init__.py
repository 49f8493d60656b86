"""Questions that wait for a limit to reset: the offer, and the card in the conversation."""
