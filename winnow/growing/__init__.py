"""Plans for rows that models write: which rows are shown, what is asked, what became of each slot, when to stop."""
