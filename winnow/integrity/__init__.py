"""Checks of a repository's folder: lock file, outputs, code, receipts, cache, releases, replies, people's files."""
