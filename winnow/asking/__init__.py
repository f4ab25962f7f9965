"""Asking a model: one HTTP attempt, its classification, retries, budget, canaries, Batch files; for ``winnow ask``."""
