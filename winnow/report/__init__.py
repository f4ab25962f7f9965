"""The report of a release, one HTML page.

Each section of the page is a module of ``sections`` and a template of the same name. ``survey`` counts the rows in one
pass over the tables without text, ``examples`` reads the few texts that are shown, ``format`` writes numbers, drawings
and characters, ``words`` holds the sentences, and ``page`` and ``render`` put the page together.
"""
