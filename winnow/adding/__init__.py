"""A new source: its files found, its format recognised, its first records shown, its entry in ``params.yaml``."""
