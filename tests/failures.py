"""Collect everything that an exception could print, for the tests of secrecy."""

import traceback


def everything_said(error):
    """Return all that an exception could print, and those behind it."""
    said = []
    while error is not None:
        said += [str(error), repr(error), *traceback.format_exception(error), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return "\n".join(said)
