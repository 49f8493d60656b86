"""What the router did, on the screen: who would answer, why this model did, who was tried, and whether it was right."""
