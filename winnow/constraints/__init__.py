"""Constraints on a reply that a program checks: their kinds, whether a text meets them, which it meets anyway."""
