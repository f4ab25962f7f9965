"""The record: its schema, its identity, and the views (instruction, response…) that stages measure."""
