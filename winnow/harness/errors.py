"""The one exception that reaches people as a sentence."""


class UserError(Exception):
    """Something the person at the keyboard can mend.

    The message says what happened, where (file, line, row) and what to do, in one sentence; the command line prints
    it without a traceback and exits with status 1.
    """
