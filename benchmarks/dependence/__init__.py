"""A table whose columns depend on one another, and how soon the budget rule sees that they no longer do."""
