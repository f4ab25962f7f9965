"""The one exception whose text is shown to people as a sentence."""


class UserError(Exception):
    """A fault that the person at the keyboard can fix.

    The message says what happened, where (file, line, row) and what to do, in one sentence; the command line prints
    it without a traceback and exits with status 1.
    """
