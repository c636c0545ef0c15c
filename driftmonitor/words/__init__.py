"""The sentences about a run, the same in the notebook, on pages and in messages. Nothing here escapes."""
