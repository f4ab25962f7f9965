"""Why rows are in or out: the way of one row through every stage, rows that hold a text, samples of what a rule did."""
