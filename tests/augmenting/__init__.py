"""Tests of ``winnow.augmenting``."""
