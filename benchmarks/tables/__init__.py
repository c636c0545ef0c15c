"""Real dated tables, which whoever runs it has put into a folder: what a person receives of each, from its first day."""
