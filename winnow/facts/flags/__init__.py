"""Machinery of flags: the rules of ``lexicon/flags.yaml``, echo, and the language of a reply."""
