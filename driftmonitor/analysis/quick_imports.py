"""Import a large library without warnings and without collecting garbage."""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unhindered() -> Iterator[None]:
    """Silence warnings and pause the garbage collector in this block.

    Importing Evidently creates a million objects that all stay, and searching them for garbage takes a sixth of the
    import's time.
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
