"""One number for each row from facts and verdicts, and limits on it."""
