"""What a repository on GitHub needs to run itself: the plan of a run, the state branch, and a check of the set-up."""
