"""The report of a release: one pass over the thin tables, the few texts it shows, and the page made of them."""
