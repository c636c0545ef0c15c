"""What is said of a run in plain words, the same in the notebook, on pages and in messages. Nothing here escapes."""
