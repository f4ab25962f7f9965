"""Versions of the dataset: what stands in Git and DVC under a revision, and what differs between two of them."""
