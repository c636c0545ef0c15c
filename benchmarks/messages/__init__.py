"""Worlds without drift, and what a person receives of them under the budget rule."""
