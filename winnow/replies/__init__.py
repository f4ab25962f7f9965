"""The one mechanism by which a stage asks models: its value, settings, rows, pending requests, replies, canaries."""
