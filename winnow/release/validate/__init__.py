"""Checks of a file against the rules of those who train on it, by consumer; written from their rules and code.

A consumer is a module with ``check(row) -> str``: what is wrong with one row, or an empty text. What concerns the file
as a whole stands in :mod:`winnow.release.validate.report`.
"""

from winnow.release.validate import axolotl, llama_factory, openai, trl

CONSUMERS = {"llama-factory": llama_factory, "trl": trl, "axolotl": axolotl, "openai": openai}
"""Every consumer by the name that ``winnow validate --for`` uses."""
