"""Measure what drift-monitor costs, compared with the most similar other tool in the same run."""
