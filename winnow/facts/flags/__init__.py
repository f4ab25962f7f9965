"""Flags: defects of single rows that rules can see."""
