"""Imports and calls of a chatty library, unhindered and unheard."""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unhindered() -> Iterator[None]:
    """Silence warnings, and don't look for garbage: importing Evidently makes a million objects that all stay.

    Looking for garbage among them takes a sixth of the import's time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
