"""Segments of the rows, by a column or an SQL expression, and where the columns are in each of them."""
