"""Rows made from rows without a model: the plans of ``augment.plans`` and what each method does."""
