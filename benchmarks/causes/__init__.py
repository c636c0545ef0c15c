"""Days with a planted cause, and what the search for it says."""
