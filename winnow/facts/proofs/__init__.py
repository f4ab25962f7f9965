"""Replies that a program proves wrong: sums, sorted lists, counts, conversions. What cannot be read is never wrong."""
