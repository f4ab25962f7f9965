"""A new source: its files, its format recognised, its first records shown, its entry in ``params.yaml``."""
