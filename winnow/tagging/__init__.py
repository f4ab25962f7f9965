"""Training of the tagger of ``winnow/facts/tags/model.py``: labels of a repository, fit, cross-validation."""
