"""Read-only links: the control on a chat and a comparison, the list of one's own, and the page that a link opens."""
