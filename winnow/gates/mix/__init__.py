"""Caps, shares and totals: which rows of train are drawn, and how often."""
