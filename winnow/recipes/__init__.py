"""Recipes for rows that models write, frozen rounds of a plan, and the way from replies to records."""
