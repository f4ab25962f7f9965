"""Facts of rows that models wrote: what a prompt left in them, what they keep of their parents, how new they are."""
