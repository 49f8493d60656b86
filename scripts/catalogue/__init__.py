"""Looking after the catalogue of providers: what is stale in it, and what lists and files of facts would change."""
