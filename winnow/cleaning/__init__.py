"""Cleaning rules: pure functions on one text, one subject per file, all listed in `rules.RULES`."""
