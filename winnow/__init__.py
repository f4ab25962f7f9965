"""Instruction-tuning data as code: the library behind the stages and the command ``winnow``."""
