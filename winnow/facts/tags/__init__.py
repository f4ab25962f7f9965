"""Machinery of tags: rules and terms of the lexicons, the views that they look at, and categories of sources."""
