"""Longer runs, each a make target of its own: they need real data or minutes."""
