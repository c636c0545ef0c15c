"""A repository that runs itself: what is due, the branch that keeps the state, and what is set up."""
