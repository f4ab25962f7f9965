"""Tags: task, domain, difficulty and form of a row, by lexicons and by the category of its source."""
