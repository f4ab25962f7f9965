"""The examples of the report: which rows, edits and units are shown, and their texts."""
