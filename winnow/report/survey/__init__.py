"""Counts of the report and candidates for its examples, from one pass over the tables without text."""
