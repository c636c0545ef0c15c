"""Real dated tables, put into a folder by whoever runs it: what a person receives of each, from its first day."""
