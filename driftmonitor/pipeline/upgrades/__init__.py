"""Upgrades: a later version of the template, merged into the repository that was made from it."""
