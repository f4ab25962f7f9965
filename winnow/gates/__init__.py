"""Gates: thin decisions on rows that are alive, from facts and limits. No gate reads text."""
