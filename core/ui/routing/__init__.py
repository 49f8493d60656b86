"""What the router did, on the screen: who would answer, why this model did, and who was tried."""
