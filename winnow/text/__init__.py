"""What is language-aware: scripts, tokens, lengths, language identification, normalised keys."""
