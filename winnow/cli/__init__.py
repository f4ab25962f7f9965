"""What people run beside ``dvc repro``: ``winnow add``, ``remove``, ``why``."""
