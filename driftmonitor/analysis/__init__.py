"""One day's question: has the data changed? Everything the notebook imports."""
