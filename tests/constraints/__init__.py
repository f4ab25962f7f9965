"""Tests of ``winnow.constraints``."""
