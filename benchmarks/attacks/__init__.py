"""The attacks of the siege: each module is one kind, and its `attack(folder, tries, tally)` makes that many tries."""
